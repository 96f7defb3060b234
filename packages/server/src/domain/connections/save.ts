import type { SaveConnectionBody, UpdateConnectionBody } from '@activepieces/contract'
import { ApiError } from '../../platform/errors.ts'
import { Secret } from '../../platform/secrets/secret.ts'
import { checkAllowedHeaders, checkHeaders } from './headers.ts'
import type { Provider } from './provider.ts'
import type { HeaderValues } from './sealed-headers.ts'

/** A connection before it is stored: its headers are not encrypted yet. */
export type ConnectionDraft = {
  provider: string
  slug: string
  label: string
  base_url: string
  headers: HeaderValues
  /** Lower-case names that callers may set in addition to those that every provider gets. */
  allowed_headers: readonly string[]
  emulated: boolean
}

/**
 * Checks a new connection against the registry and fills in the provider's defaults.
 *
 * @throws ApiError 400 that names the field
 */
export function newConnection(body: SaveConnectionBody, providers: readonly Provider[]): ConnectionDraft {
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
 * Applies changes to a stored connection. Keeps the stored headers only if the origin stays the same.
 *
 * @throws ApiError 400 that names the field; `apiKey` if the credential must be entered again
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
  'Enter the API key again ("apiKey", or "headers" with the credential): the base URL points to another host, and a stored credential is only sent to the host it was entered for.'

/** Matches names regardless of casing; null removes a header. */
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
  throw invalid('provider', `There is no provider "${value}". Known providers: ${known}.`)
}

function checkSlug(slug: string, provider: Provider, providers: readonly Provider[]): void {
  if (slug !== provider.value && providers.some(({ value }) => value === slug)) {
    throw invalid('slug', `The slug "${slug}" is the name of another provider.`)
  }
}

function toHeaders({ apiKey, headers = {} }: SaveConnectionBody, { auth, keyless }: Provider): Record<string, string> {
  const given = Object.entries(headers)
  if (apiKey === undefined && given.length === 0 && !keyless) {
    throw invalid('apiKey', 'Enter an API key ("apiKey"), or "headers" with the credential.')
  }
  const all = apiKey === undefined ? headers : { ...headers, [auth.name]: auth.mapper(apiKey) }
  checkOnce(given, apiKey, auth.name)
  checkHeaders(all)
  return all
}

function checkOnce(given: [string, unknown][], apiKey: string | undefined, name: string): void {
  const twice = given.some(([one]) => one.toLowerCase() === name.toLowerCase())
  if (apiKey === undefined || !twice) return
  throw invalid('headers', `The header "${name}" is generated from "apiKey": set only one of the two.`)
}

function checkBaseUrl(text: string): string {
  const allowed = 'Expected an http or https URL without credentials, query or fragment.'
  const url = URL.canParse(text) ? new URL(text) : undefined
  const whole = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(text)
  if (!whole) throw invalid('baseUrl', `Invalid base URL. ${allowed}`)
  return url.href.replace(/\/+$/, '')
}

function invalid(param: string, message: string): ApiError {
  return new ApiError('invalid-request', message, { param })
}
