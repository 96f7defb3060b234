import { ApiError } from '../http/errors.ts'
import { isHopByHop } from '../proxy/headers.ts'

/**
 * Checks the headers that are stored with a connection.
 *
 * @throws ApiError 400 that names the header, never its value
 */
export function checkHeaders(headers: Record<string, string>): void {
  const seen = new Set<string>()
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,128}$/.test(lower)) throw refused(name, 'is not a valid header name')
    if (NOT_STORED.has(lower) || isHopByHop(lower)) throw refused(name, 'is set by the server itself')
    if (seen.has(lower)) throw refused(name, 'stands there twice')
    if (!/^[\t\x20-\x7e\x80-\xff]+$/.test(value)) throw refused(name, 'has a value that no header can have')
    seen.add(lower)
  }
}

const NOT_STORED = new Set([
  'host',
  'content-length',
  'cookie',
  'set-cookie',
  'expect',
  'accept-encoding',
  'content-type',
])

function refused(name: string, why: string): ApiError {
  return new ApiError('invalid-request', `The header "${name.slice(0, 80)}" ${why}.`, {
    param: `headers.${name.slice(0, 80)}`,
  })
}
