import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { DRILL_HEADER } from '@activepieces/contract'
import { ApiError, errorHeaders, toErrorBody } from '../errors.ts'
import { REQUEST_ID_HEADER } from './request-id.ts'

/**
 * Sends our error instead of a response. Does nothing if the response has started or the caller has disconnected. Removes
 * headers of a vendor's response that could not be sent.
 *
 * @param id request id
 */
export function sendOwnError(response: ServerResponse<IncomingMessage>, error: ApiError, id: string): void {
  if (response.headersSent || response.destroyed) return
  for (const name of response.getHeaderNames()) if (name !== DRILL_HEADER) response.removeHeader(name)
  const { body, headers } = render(error)
  response.writeHead(error.status, reasonOf(error), { ...headers, [REQUEST_ID_HEADER]: id })
  response.end(body)
}

/**
 * Responds to a request that Node could not parse, or that timed out, and closes the connection.
 */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  // SAFETY: Node stores the current response here, and reads it in its own handler. There is no public API for it.
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
      'The request was not received within the time limit (AP_REQUEST_HEAD_TIMEOUT_MS for its headers, AP_REQUEST_TIMEOUT_MS for the whole request).'
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
