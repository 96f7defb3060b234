/** What `nx g @activepieces/ai-provider:provider` takes; an empty answer to a prompt counts as absent. */
export type ProviderOptions = {
  name: string
  label?: string
  baseUrl?: string
  authHeader?: string
  wire?: string
}

/** A new provider, with everything decided. */
export type NewProvider = {
  value: string
  label: string
  /** Without the version's segment. */
  baseUrl: string
  /** The version's segment, where the base URL named one, e.g. `/v1`. */
  version: string | undefined
  /** A header's name, or undefined for a bearer token. */
  header: string | undefined
  wire: (typeof WIRES)[number]
}

const WIRES = ['openai-compatible', 'own'] as const

/**
 * Checks what came and decides the rest.
 *
 * @throws Error with a sentence for each option that is wrong: the option, what came and what is allowed
 */
export function decide(options: ProviderOptions): NewProvider {
  const value = options.name
  const wrongName = fault('name', value, /^(?=.{1,64}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/, NAMES)
  if (wrongName) throw new Error(wrongName)
  const label = options.label?.trim() || titleOf(value)
  const header = options.authHeader || 'bearer'
  const base = readBaseUrl(options.baseUrl?.trim() || `https://api.${value}.example`)
  const wire = WIRES.find((known) => known === (options.wire || WIRES[0]))
  const faults = [
    fault('label', label, /^(?=.{1,64}$)[\p{L}\p{N}][\p{L}\p{N} .&+'()-]*$/u, LABELS),
    fault('authHeader', header, /^[A-Za-z][A-Za-z0-9-]*$/, "bearer, or a header's name such as x-api-key"),
    wire === undefined && `wire is "${options.wire}"; allowed: ${WIRES.join(' or ')}.`,
    typeof base === 'string' && base,
  ].filter((found) => typeof found === 'string')
  if (faults.length > 0 || wire === undefined || typeof base === 'string') throw new Error(faults.join('\n'))
  return { value, label, ...base, header: header.toLowerCase() === 'bearer' ? undefined : header, wire }
}

const NAMES = 'lower-case letters, digits and single hyphens, beginning with a letter, at most 64, such as my-vendor'
const LABELS = "1 to 64 letters, digits, spaces and . & + ' ( ) -, beginning with a letter or digit"

function fault(option: string, came: string, allowed: RegExp, words: string): string | undefined {
  return allowed.test(came) ? undefined : `${option} is "${came}"; allowed: ${words}.`
}

/** `my-vendor` → `My Vendor`. */
function titleOf(value: string): string {
  return value
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}

/** The address and its version apart, or what is wrong with it. */
function readBaseUrl(came: string): { baseUrl: string; version: string | undefined } | string {
  const wrong = `baseUrl is "${came}"; allowed: the address of an API without query, such as https://api.my-vendor.com; http for localhost alone.`
  if (!URL.canParse(came)) return wrong
  const { protocol, hostname, username, password, search, hash, origin, pathname } = new URL(came)
  const secure = protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost')
  if (!secure || username || password || search || hash) return wrong
  const path = pathname.replace(/\/+$/, '')
  const version = /\/v\d+\w*$/.exec(path)?.[0]
  return { baseUrl: origin + (version === undefined ? path : path.slice(0, -version.length)), version }
}
