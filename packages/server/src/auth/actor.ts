import type { FastifyRequest } from 'fastify'
import type { Actor } from '../platform/database/audit.ts'

/** The admin who makes a change with this request. */
export function actorOf({ caller, id }: FastifyRequest): Actor {
  if (caller.kind !== 'admin') throw new Error('Only admins make changes.')
  return { who: caller.who, requestId: id }
}
