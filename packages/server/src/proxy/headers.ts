import { OWN_ERROR_HEADER } from '@activepieces/contract'
import type { ProxyTarget } from './target.ts'

/**
 * The headers of a call as the vendor gets them: what the caller sent and the table below lets pass, then the stored
 * ones, which nothing of the caller's can stand beside. Without the length of the body: who sends the body knows it.
 *
 * @param raw the caller's headers as a flat list, as Node gives them: duplicates and casing kept
 */
export function vendorHeaders(raw: readonly string[], target: ProxyTarget): string[] {
  const headers: string[] = []
  let named: Set<string> | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const { lower, toVendor } = about(name)
    if (lower === 'connection') named = namedIn(raw[at + 1] ?? '', named)
    else if (toVendor && !target.headerNames.has(lower)) headers.push(name, raw[at + 1] ?? '')
  }
  const own = named ? without(headers, named) : headers
  own.push(...target.headers.reveal())
  return own
}

/**
 * The headers of the vendor's reply as the caller gets them: all but those about the vendor's connection and host.
 *
 * @param raw a flat list of bytes, as undici gives it
 * @param parsed the same by lower-case name: a value that stands there need not be decoded again
 */
export function callerHeaders(
  raw: readonly (Buffer | string)[],
  parsed: Readonly<Record<string, string | string[] | undefined>> = {},
): string[] {
  const headers: string[] = []
  let named: Set<string> | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = text(raw[at])
    const { lower, toCaller } = about(name)
    const known = parsed[lower]
    const value = typeof known === 'string' ? known : text(raw[at + 1])
    if (lower === 'connection') named = namedIn(value, named)
    else if (toCaller) headers.push(name, value)
  }
  return named ? without(headers, named) : headers
}

function text(item: Buffer | string | undefined): string {
  return typeof item === 'string' ? item : (item?.toString('latin1') ?? '')
}

type About = { readonly lower: string; readonly toVendor: boolean; readonly toCaller: boolean }

const known = new Map<string, About>()

/** Decided once a name, as it is written; the memory is bounded because callers choose the names. */
function about(name: string): About {
  const found = known.get(name)
  if (found) return found
  const lower = name.toLowerCase()
  const toVendor = lower !== 'content-length' && (PASSES.has(lower) || (FAMILIES.test(lower) && !NEVER.test(lower)))
  const toCaller = !HOP_BY_HOP.has(lower) && !OF_THE_HOST.has(lower)
  const decided = { lower, toVendor, toCaller }
  if (known.size < 1_000 && name.length < 100) known.set(name, decided)
  return decided
}

/** The header names that a Connection header lists: they are about this connection alone. */
function namedIn(value: string, before: Set<string> | undefined): Set<string> | undefined {
  if (/^(keep-alive|close)$/i.test(value)) return before
  return new Set([...(before ?? []), ...value.split(',').map((token) => token.trim().toLowerCase())])
}

function without(headers: readonly string[], names: ReadonlySet<string>): string[] {
  return headers.filter((_, at) => !names.has(about(headers[at - (at % 2)] ?? '').lower))
}

/** The vendor's own id of a call, by the names that vendors have for it. */
export function requestIdOf(headers: readonly string[]): string | undefined {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? ''
    if (name.length > 9 && REQUEST_IDS.has(name.toLowerCase())) return headers[at + 1]
  }
  return undefined
}

const REQUEST_IDS = new Set(['x-request-id', 'request-id', 'apim-request-id', 'x-amzn-requestid', 'x-groq-request-id'])

export function isHopByHop(lower: string): boolean {
  return HOP_BY_HOP.has(lower)
}

/** About one connection, not about the message (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** In a reply: about the vendor's host, which the caller did not talk to; and the mark of our own errors. */
const OF_THE_HOST = new Set([
  'set-cookie',
  'set-cookie2',
  'alt-svc',
  'strict-transport-security',
  'nel',
  'report-to',
  OWN_ERROR_HEADER,
  'x-ai-proxy-drill',
])

/**
 * What passes from a caller to the vendor: these names, and the families below minus what is never let through.
 * Everything else stays here: credentials, cookies, where the caller sits, and names that nobody thought of.
 */
const PASSES = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'baggage',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-md5',
  'content-type',
  'extra-parameters',
  'http-referer',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'prefer',
  'priority',
  'range',
  'referer',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-idempotency-key',
])

const FAMILIES = /^(anthropic|azureml|helicone|openai|x)-./

/** Within the families: credentials, whatever they are called, and what tells of the caller's network or of this server. */
const NEVER =
  /(^|-)(auth|authorization|api-?key|key|secret|token|cookie|password|credentials?)(-|$)|^x-(forwarded|real-ip|client-ip|cluster-client-ip|original|rewrite|envoy|ap|ai-proxy)(-|$)/
