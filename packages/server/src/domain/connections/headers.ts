import { ApiError } from '../../platform/errors.ts'
import { headerKey, isHopByHop, whyNeverAllowed } from '../../platform/http/header-policy.ts'
import type { Provider } from './provider.ts'

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
    if (seen.has(lower)) throw refused(name, 'is set twice')
    if (!/^[\t\x20-\x7e\x80-\xff]+$/.test(value))
      throw refused(name, 'has a value with characters that HTTP does not allow')
    seen.add(lower)
  }
}

/**
 * Checks the names of headers that a connection allows its callers to set.
 *
 * @param stored names of the headers that are stored with the connection
 * @throws ApiError 400 that names the header and says why it can't be allowed
 */
export function checkAllowedHeaders(names: readonly string[], stored: readonly string[]): void {
  const keys = new Set(stored.map(headerKey))
  for (const [index, name] of names.entries()) {
    const why = keys.has(headerKey(name)) ? 'it is stored with the connection' : whyNeverAllowed(name)
    if (why === undefined) continue
    const words = `Callers can't be allowed to send the header "${name}": ${why}.`
    throw new ApiError('invalid-request', words, { param: `allowedHeaders.${index}` })
  }
}

/**
 * Checks the request headers that the registry's entries add.
 *
 * @throws Error that names the entry and the header
 */
export function checkRequestHeaders(providers: readonly Provider[]): void {
  for (const { value, requestHeaders = [] } of providers) {
    for (const name of requestHeaders) {
      const why = /^[a-z0-9-]+$/.test(name) ? whyNeverAllowed(name) : 'it must be in lower case: a-z, 0-9 and -'
      if (why) throw new Error(`Provider "${value}": requestHeaders can't include "${name}": ${why}.`)
    }
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
