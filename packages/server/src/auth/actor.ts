import type { FastifyRequest } from 'fastify'
import type { Actor } from '../platform/database/audit.ts'

/** Who makes the change that a request of an admin asks for. */
export function actorOf({ caller, id }: FastifyRequest): Actor {
  if (caller.kind !== 'admin') throw new Error('Only admins make changes.')
  return { who: caller.who, requestId: id }
}
