import type { SaveConnectionBody, UpdateConnectionBody } from '@activepieces/contract'
import { ApiError } from '../../platform/errors.ts'
import { Secret } from '../../platform/secrets/secret.ts'
import { checkAllowedHeaders, checkHeaders } from './headers.ts'
import type { Provider } from './provider.ts'
import type { HeaderValues } from './sealed-headers.ts'

/** What is stored of a connection, its headers not yet encrypted. */
export type ConnectionDraft = {
  provider: string
  slug: string
  label: string
  base_url: string
  headers: HeaderValues
  /** Names in lower case that callers may set beyond those that every provider gets. */
  allowed_headers: readonly string[]
  emulated: boolean
}

/**
 * Checks a connection against the registry and fills in what the provider knows itself.
 *
 * @throws ApiError 400 that names the field
 */
export function toConnectionRow(body: SaveConnectionBody, providers: readonly Provider[]): ConnectionDraft {
  const provider = findProvider(body.provider, providers)
  const slug = body.slug ?? provider.value
  checkSlug(slug, provider, providers)
  const base_url = checkBaseUrl(body.baseUrl ?? provider.defaultBaseUrl)
  const headers = toHeaders(body, provider)
  const allowed_headers = toAllowedHeaders(body.allowedHeaders ?? [], headers)
  return {
    provider: provider.value,
    slug,
    label: body.label ?? provider.label,
    base_url,
    headers: new Secret(headers),
    allowed_headers,
    emulated: body.emulated ?? false,
  }
}

/**
 * A stored connection with its changes. The stored headers stay where the origin stays.
 *
 * @throws ApiError 400 that names the field; `apiKey` where the credential must be given again
 */
export function changedConnection(
  stored: ConnectionDraft,
  body: UpdateConnectionBody,
  providers: readonly Provider[],
): ConnectionDraft {
  const provider = findProvider(stored.provider, providers)
  const slug = body.slug ?? stored.slug
  checkSlug(slug, provider, providers)
  const base_url = body.baseUrl === undefined ? stored.base_url : checkBaseUrl(body.baseUrl)
  const moved = new URL(base_url).origin !== new URL(stored.base_url).origin
  const headers = changedHeaders(moved ? {} : stored.headers.reveal(), body, provider)
  if (moved && Object.keys(headers).length === 0 && !provider.keyless) throw invalid('apiKey', KEY_AGAIN)
  return {
    provider: provider.value,
    slug,
    label: body.label ?? stored.label,
    base_url,
    headers: new Secret(headers),
    allowed_headers: toAllowedHeaders(body.allowedHeaders ?? stored.allowed_headers, headers),
    emulated: body.emulated ?? (stored.emulated && !moved),
  }
}

const KEY_AGAIN =
  'Give the "apiKey", or "headers" with the credential, again: the base URL leads to another host, and a stored credential never goes to a host that it was not given for.'

/** By name whatever its casing; null takes one away. */
function changedHeaders(
  stored: Record<string, string>,
  { apiKey, headers = {} }: UpdateConnectionBody,
  { auth }: Provider,
): Record<string, string> {
  const given: [string, string | null][] = Object.entries(headers)
  checkOnce(given, apiKey, auth.name)
  if (apiKey !== undefined) given.push([auth.name, auth.mapper(apiKey)])
  const named = new Set(given.map(([name]) => name.toLowerCase()))
  const kept = Object.entries(stored).filter(([name]) => !named.has(name.toLowerCase()))
  const set = given.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  checkHeaders(Object.fromEntries(set))
  return Object.fromEntries([...kept, ...set])
}

function toAllowedHeaders(names: readonly string[], stored: Record<string, string>): string[] {
  checkAllowedHeaders(names, Object.keys(stored))
  return [...new Set(names.map((name) => name.toLowerCase()))]
}

function findProvider(value: string, providers: readonly Provider[]): Provider {
  const provider = providers.find((known) => known.value === value)
  if (provider) return provider
  const known = providers.map((one) => one.value).join(', ')
  throw invalid('provider', `There is no provider "${value}". Known ones: ${known}.`)
}

function checkSlug(slug: string, provider: Provider, providers: readonly Provider[]): void {
  if (slug !== provider.value && providers.some(({ value }) => value === slug)) {
    throw invalid('slug', `The slug "${slug}" is the name of another provider.`)
  }
}

function toHeaders({ apiKey, headers = {} }: SaveConnectionBody, { auth, keyless }: Provider): Record<string, string> {
  const given = Object.entries(headers)
  if (apiKey === undefined && given.length === 0 && !keyless) {
    throw invalid('apiKey', 'Give an "apiKey", or "headers" with the credential. A saved one is replaced whole.')
  }
  const all = apiKey === undefined ? headers : { ...headers, [auth.name]: auth.mapper(apiKey) }
  checkOnce(given, apiKey, auth.name)
  checkHeaders(all)
  return all
}

function checkOnce(given: [string, unknown][], apiKey: string | undefined, name: string): void {
  const twice = given.some(([one]) => one.toLowerCase() === name.toLowerCase())
  if (apiKey === undefined || !twice) return
  throw invalid('headers', `The header "${name}" is made from the "apiKey": give one of the two.`)
}

function checkBaseUrl(text: string): string {
  const allowed = 'It must be an http or https URL without credentials, query and fragment.'
  const url = URL.canParse(text) ? new URL(text) : undefined
  const whole = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(text)
  if (!whole) throw invalid('baseUrl', `The base URL cannot be used. ${allowed}`)
  return url.href.replace(/\/+$/, '')
}

function invalid(param: string, message: string): ApiError {
  return new ApiError('invalid-request', message, { param })
}
