import { AddressRefused } from '../domain/outbound/guard.ts'
import { ApiError } from '../platform/errors.ts'

/** The call exceeded its total timeout. */
export class TotalTimeout extends Error {}

export function bodyTooLarge(limit: number): ApiError {
  return new ApiError('too-large', `The body of the call is larger than ${limit} bytes (AP_MAX_BODY_BYTES).`)
}

/** @param reason why the head of the vendor's response is invalid, as the end of a sentence; must not quote the vendor */
export function invalidHead(reason: string): ApiError {
  return new ApiError('invalid-vendor-response', `The vendor's response can't be forwarded: ${reason}.`)
}

/** The caller's error if the vendor can't be reached: names the timeout, or a reason without addresses and keys. */
export function vendorFailure(error: unknown): ApiError {
  if (error instanceof AddressRefused) return new ApiError('address-refused', error.message)
  if (error instanceof ApiError) return error
  if (error instanceof TotalTimeout) {
    return new ApiError('total-timeout', 'The call took longer than the total timeout (AP_TOTAL_TIMEOUT_MS).')
  }
  const code = codeOf(error)
  switch (code) {
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return new ApiError('connect-timeout', 'The connection to the vendor timed out (AP_CONNECT_TIMEOUT_MS).')
    case 'UND_ERR_HEADERS_TIMEOUT':
      return new ApiError(
        'first-byte-timeout',
        'The vendor did not start to respond within the time limit (AP_FIRST_BYTE_TIMEOUT_MS).',
      )
    case 'UND_ERR_BODY_TIMEOUT':
      return new ApiError(
        'idle-timeout',
        'The vendor stopped sending for longer than the time limit (AP_IDLE_TIMEOUT_MS).',
      )
    case 'UND_ERR_HEADERS_OVERFLOW':
      return new ApiError(
        'reply-headers-too-large',
        "The headers of the vendor's response are too large (AP_MAX_HEADER_BYTES).",
      )
    case 'ERR_INVALID_CHAR':
    case 'ERR_INVALID_HTTP_TOKEN':
    case 'ERR_HTTP_INVALID_HEADER_VALUE':
      return invalidHead('a header contains characters that HTTP does not allow')
    default:
      return new ApiError(
        'vendor-unreachable',
        `The vendor can't be reached: ${REASONS[code] ?? 'the connection failed'} (${code}).`,
      )
  }
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing is listening at the base URL',
  ENOTFOUND: 'the host of the base URL is unknown',
  EAI_AGAIN: 'the DNS lookup failed',
  ECONNRESET: 'the vendor closed the connection before it responded',
  UND_ERR_SOCKET: 'the vendor closed the connection before it responded',
  EHOSTUNREACH: 'there is no route to the host of the base URL',
  ENETUNREACH: 'there is no route to the host of the base URL',
}

/** The error code of the system or of undici. Other parts of an error are not safe to show. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^[A-Z0-9_]{3,60}$/.test(code) ? code : 'UNKNOWN'
}
