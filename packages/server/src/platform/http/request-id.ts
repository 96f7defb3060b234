import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Header in which a caller can set the request id, and in which our responses return it. Vendors send their own. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** Returns the caller's id if it is safe to log, else a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers[REQUEST_ID_HEADER]
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}
