import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { DRILL_HEADER } from '@activepieces/contract'
import { ApiError, errorHeaders, toErrorBody } from '../errors.ts'
import { REQUEST_ID_HEADER } from './request-id.ts'

/**
 * Sends an error of our own instead of a response. Does nothing when the response has begun or the caller is gone. What
 * an attempt to write the vendor's head has left behind is removed.
 *
 * @param id of the request
 */
export function sendOwnError(response: ServerResponse<IncomingMessage>, error: ApiError, id: string): void {
  if (response.headersSent || response.destroyed) return
  for (const name of response.getHeaderNames()) if (name !== DRILL_HEADER) response.removeHeader(name)
  const { body, headers } = render(error)
  response.writeHead(error.status, reasonOf(error), { ...headers, [REQUEST_ID_HEADER]: id })
  response.end(body)
}

/**
 * Answers what Node could not read as a request, or did not wait for: too many headers, a request that came too slowly.
 * Such a connection is closed.
 */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  // SAFETY: Node keeps the response under way here; its own handler reads it too. There is no other way to know.
  const { _httpMessage: response } = socket as Socket & { _httpMessage?: ServerResponse }
  if (!socket.writable || error.code === 'ECONNRESET' || response?.headersSent) return void socket.destroy()
  const known = toUnreadable(error.code)
  const { body, headers } = render(known)
  const head = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${known.status} ${reasonOf(known)}\r\n${head.join('')}\r\n${body}`)
}

function reasonOf({ status }: ApiError): string {
  return STATUS_CODES[status] ?? 'Error'
}

function toUnreadable(code: string | undefined): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ApiError('headers-too-large', 'The headers of the request are larger than AP_MAX_HEADER_BYTES allows.')
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const words =
      'The request did not come whole within the time limit (AP_REQUEST_HEAD_TIMEOUT_MS for its headers, AP_REQUEST_TIMEOUT_MS for all of it).'
    return new ApiError('request-timeout', words)
  }
  return new ApiError('invalid-request', 'This is not a valid HTTP request.')
}

function render(error: ApiError): { body: string; headers: Record<string, string | number> } {
  const body = JSON.stringify(toErrorBody(error))
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    ...errorHeaders(error),
  }
  return { body, headers }
}
