import type { SaveConnectionBody } from '@activepieces/contract'
import { ApiError } from '../http/errors.ts'
import { checkHeaders } from './headers.ts'
import type { Provider } from './provider.ts'

/** What is stored of a connection, its headers still in clear. */
export type ConnectionDraft = {
  provider: string
  slug: string
  label: string
  base_url: string
  headers: Record<string, string>
  emulated: boolean
}

/**
 * Checks a connection against the registry and fills in what the provider knows itself.
 *
 * @throws ApiError 400 that names the field
 */
export function toConnectionRow(body: SaveConnectionBody, providers: readonly Provider[]): ConnectionDraft {
  const provider = providers.find(({ value }) => value === body.provider)
  if (!provider) {
    const known = providers.map(({ value }) => value).join(', ')
    throw invalid('provider', `There is no provider "${body.provider}". Known ones: ${known}.`)
  }
  const slug = body.slug ?? provider.value
  if (slug !== provider.value && providers.some(({ value }) => value === slug)) {
    throw invalid('slug', `The slug "${slug}" is the name of another provider.`)
  }
  const base_url = checkBaseUrl(body.baseUrl ?? provider.defaultBaseUrl)
  const headers = toHeaders(body, provider)
  return {
    provider: provider.value,
    slug,
    label: body.label ?? provider.label,
    base_url,
    headers,
    emulated: body.emulated ?? false,
  }
}

function toHeaders({ apiKey, headers = {} }: SaveConnectionBody, { auth, keyless }: Provider): Record<string, string> {
  const given = Object.entries(headers)
  if (apiKey === undefined && given.length === 0 && !keyless) {
    throw invalid('apiKey', 'Give an "apiKey", or "headers" with the credential. A saved one is replaced whole.')
  }
  const all = apiKey === undefined ? headers : { ...headers, [auth.name]: auth.mapper(apiKey) }
  const twice = given.some(([name]) => name.toLowerCase() === auth.name.toLowerCase())
  if (apiKey !== undefined && twice) {
    throw invalid('headers', `The header "${auth.name}" is made from the "apiKey": give one of the two.`)
  }
  checkHeaders(all)
  return all
}

function checkBaseUrl(text: string): string {
  const allowed = 'It must be an http or https URL without credentials, query and fragment.'
  const url = URL.canParse(text) ? new URL(text) : undefined
  const whole = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(text)
  if (!whole) throw invalid('baseUrl', `The base URL cannot be used. ${allowed}`)
  return url.href.replace(/\/+$/, '')
}

function invalid(param: string, message: string): ApiError {
  return new ApiError(400, 'invalid-request', message, param)
}
