import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** The header in which a caller may name its request, and in which our own replies name it. A vendor's reply has its own. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** The caller's id where it can stand in a log as it is, else a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID_HEADER]
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}
