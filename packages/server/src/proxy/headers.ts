import type { ProxyTarget } from './target.ts'

/**
 * The headers of a call as the vendor gets them: what the caller sent and the table below lets pass, then the stored
 * ones, which nothing of the caller's can stand beside.
 *
 * @param raw the caller's headers as a flat list, as Node gives them: duplicates and casing kept
 */
export function vendorHeaders(raw: readonly string[], target: ProxyTarget): string[] {
  const named = namedByConnection(raw)
  const headers: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const lower = name.toLowerCase()
    if (passesToVendor(lower) && !named?.has(lower) && !target.headerNames.has(lower))
      headers.push(name, raw[at + 1] ?? '')
  }
  headers.push(...target.headers)
  return headers
}

/**
 * The headers of the vendor's reply as the caller gets them: all but those about the vendor's connection and host.
 *
 * @param raw a flat list of bytes, as undici gives it
 */
export function callerHeaders(raw: readonly (Buffer | string)[]): string[] {
  const all = raw.map((item) => (typeof item === 'string' ? item : item.toString('latin1')))
  const named = namedByConnection(all)
  const headers: string[] = []
  for (let at = 0; at + 1 < all.length; at += 2) {
    const name = all[at] ?? ''
    const lower = name.toLowerCase()
    if (!HOP_BY_HOP.has(lower) && !OF_THE_HOST.has(lower) && !named?.has(lower)) headers.push(name, all[at + 1] ?? '')
  }
  return headers
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
  'x-ai-proxy-error',
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
  'content-length',
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

const decided = new Map<string, boolean>()

/** Decided once a name; the memory is bounded because callers choose the names. */
function passesToVendor(lower: string): boolean {
  const known = decided.get(lower)
  if (known !== undefined) return known
  const passes = PASSES.has(lower) || (FAMILIES.test(lower) && !NEVER.test(lower))
  if (decided.size < 1_000) decided.set(lower, passes)
  return passes
}

function namedByConnection(raw: readonly string[]): Set<string> | undefined {
  let named: Set<string> | undefined
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() !== 'connection') continue
    named ??= new Set()
    for (const token of (raw[at + 1] ?? '').split(',')) named.add(token.trim().toLowerCase())
  }
  return named
}
