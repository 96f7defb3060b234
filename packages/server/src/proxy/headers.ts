import { OWN_ERROR_HEADER } from '@activepieces/contract'
import { REQUEST_ID_HEADERS } from '@activepieces/pieces-common/observe'
import type { ProxyTarget } from '../domain/connections/target.ts'
import { headerKey, isAllowedByDefault, isHopByHop, isReplaced } from '../platform/http/header-policy.ts'

/** The headers of a call as the provider gets them. */
export type OutgoingHeaders = {
  /** A flat list: name, value, name, value. */
  readonly headers: string[]
  /** Names of the caller's headers that were dropped, at most 20. */
  readonly dropped: readonly string[]
}

/**
 * Builds the headers of a call: the caller's that header-policy.ts, the provider's registry entry or the connection allow,
 * then the stored ones, which replace the caller's of the same name. The sender of the body sets `content-length`.
 *
 * @param raw the caller's headers as Node returns them: a flat list with duplicates and original casing
 */
export function vendorHeaders(raw: readonly string[], target: ProxyTarget): OutgoingHeaders {
  const headers: string[] = []
  let named: Set<string> | undefined
  let dropped: string[] = NONE
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const { lower, key, toVendor } = about(name)
    if (lower === 'connection') named = namedIn(raw[at + 1] ?? '', named)
    else if ((toVendor === 'allowed' || target.allowedHeaders.has(lower)) && !target.headerNames.has(key))
      headers.push(name, raw[at + 1] ?? '')
    else if (toVendor !== 'replaced') dropped = withName(dropped, lower)
  }
  const own = named ? without(headers, named) : headers
  own.push(...target.headers.reveal())
  return { headers: own, dropped }
}

const NONE: string[] = []
const MAX_REPORTED = 20

function withName(dropped: string[], lower: string): string[] {
  const name = lower.slice(0, 100)
  return dropped.length >= MAX_REPORTED || dropped.includes(name) ? dropped : [...dropped, name]
}

/** Additional check of response headers, apart from their names. */
export type ResponseHeaderCheck = {
  /** Whether the text contains a stored credential. */
  readonly hasCredential: (text: string) => boolean
  readonly onDropped: (name: string) => void
}

/**
 * The provider's response headers as the caller gets them: without those about the provider's connection and host, and
 * without those that contain a stored credential.
 *
 * @param raw a flat list of bytes, as undici returns it
 * @param parsed the same headers by lower-case name, already decoded
 */
export function callerHeaders(
  raw: readonly (Buffer | string)[],
  parsed: Readonly<Record<string, string | string[] | undefined>> = {},
  check?: ResponseHeaderCheck,
): string[] {
  const headers: string[] = []
  let named: Set<string> | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = text(raw[at])
    const { lower, toCaller } = about(name)
    const known = parsed[lower]
    const value = typeof known === 'string' ? known : text(raw[at + 1])
    if (lower === 'connection') named = namedIn(value, named)
    else if (!toCaller) continue
    else if (check?.hasCredential(value) || check?.hasCredential(name)) check.onDropped(lower)
    // Node rewrites or rejects its bytes if it follows Content-Length, so it comes first.
    else if (lower === 'content-disposition') headers.unshift(name, value)
    else headers.push(name, value)
  }
  return named ? without(headers, named) : headers
}

function text(item: Buffer | string | undefined): string {
  return typeof item === 'string' ? item : (item?.toString('latin1') ?? '')
}

type About = {
  readonly lower: string
  readonly key: string
  readonly toVendor: 'allowed' | 'replaced' | 'dropped'
  readonly toCaller: boolean
}

const known = new Map<string, About>()

/** Caches the decision per name as written. The cache is bounded because callers choose the names. */
function about(name: string): About {
  const found = known.get(name)
  if (found) return found
  const lower = name.toLowerCase()
  const toVendor = isAllowedByDefault(lower) ? 'allowed' : isReplaced(lower) ? 'replaced' : 'dropped'
  const toCaller = !isHopByHop(lower) && !HOST_HEADERS.has(lower) && !lower.startsWith('access-control-')
  const decided: About = { lower, key: headerKey(name), toVendor, toCaller }
  if (known.size < 1_000 && name.length < 100) known.set(name, decided)
  return decided
}

/** The header names listed in a Connection header: they only apply to this connection. */
function namedIn(value: string, before: Set<string> | undefined): Set<string> | undefined {
  if (/^(keep-alive|close)$/i.test(value)) return before
  return new Set([...(before ?? []), ...value.split(',').map((token) => token.trim().toLowerCase())])
}

function without(headers: readonly string[], names: ReadonlySet<string>): string[] {
  return headers.filter((_, at) => !names.has(about(headers[at - (at % 2)] ?? '').lower))
}

/** The vendor's request id, under any of the names that vendors use. */
export function requestIdOf(headers: readonly string[]): string | undefined {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (name.length > 9 && REQUEST_IDS.has(name.toLowerCase())) return headers[at + 1]
  }
  return undefined
}

const REQUEST_IDS: ReadonlySet<string> = new Set(REQUEST_ID_HEADERS)

/** Response headers about the provider's host, and those that mark our own responses. */
const HOST_HEADERS = new Set([
  'set-cookie',
  'set-cookie2',
  'alt-svc',
  'strict-transport-security',
  'nel',
  'report-to',
  OWN_ERROR_HEADER,
  'x-ai-proxy-drill',
])
