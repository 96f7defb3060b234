/** Options of `nx g @activepieces/ai-provider:provider`. An empty answer to a prompt counts as absent. */
export type ProviderOptions = {
  name: string
  label?: string
  baseUrl?: string
  authHeader?: string
  wire?: string
}

/** Validated options of a new provider, with defaults. */
export type NewProvider = {
  value: string
  label: string
  /** Base URL without the version segment. */
  baseUrl: string
  /** Version segment of the base URL, e.g. `/v1`, if it has one. */
  version: string | undefined
  /** Name of the header for the API key, or undefined for a bearer token. */
  header: string | undefined
  wire: (typeof PROTOCOLS)[number]
}

const PROTOCOLS = ['openai-compatible', 'own'] as const

/**
 * Validates the options and fills in defaults.
 *
 * @throws Error with one sentence per invalid option: its name, its value and what is allowed
 */
export function resolveOptions(options: ProviderOptions): NewProvider {
  const value = options.name
  const nameProblem = problemOf('name', value, /^(?=.{1,64}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/, NAMES)
  if (nameProblem) throw new Error(nameProblem)
  const label = options.label?.trim() || titleOf(value)
  const header = options.authHeader || 'bearer'
  const base = readBaseUrl(options.baseUrl?.trim() || `https://api.${value}.example`)
  const wire = PROTOCOLS.find((protocol) => protocol === (options.wire || PROTOCOLS[0]))
  const problems = [
    problemOf('label', label, /^(?=.{1,64}$)[\p{L}\p{N}][\p{L}\p{N} .&+'()-]*$/u, LABELS),
    problemOf('authHeader', header, /^[A-Za-z][A-Za-z0-9-]*$/, "bearer, or a header's name such as x-api-key"),
    wire === undefined && `wire is "${options.wire}"; allowed: ${PROTOCOLS.join(' or ')}.`,
    typeof base === 'string' && base,
  ].filter((problem) => typeof problem === 'string')
  if (problems.length > 0 || wire === undefined || typeof base === 'string') throw new Error(problems.join('\n'))
  return { value, label, ...base, header: header.toLowerCase() === 'bearer' ? undefined : header, wire }
}

const NAMES = 'lower-case letters, digits and single hyphens, starting with a letter, at most 64, such as my-vendor'
const LABELS = "1 to 64 letters, digits, spaces and . & + ' ( ) -, starting with a letter or digit"

function problemOf(option: string, value: string, pattern: RegExp, allowed: string): string | undefined {
  return pattern.test(value) ? undefined : `${option} is "${value}"; allowed: ${allowed}.`
}

/** Converts `my-vendor` to `My Vendor`. */
function titleOf(value: string): string {
  return value
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}

/** Splits the base URL and its version, or returns the problem with it. */
function readBaseUrl(text: string): { baseUrl: string; version: string | undefined } | string {
  const problem = `baseUrl is "${text}"; allowed: an https URL without a query, such as https://api.my-vendor.com, or an http URL on localhost.`
  if (!URL.canParse(text)) return problem
  const { protocol, hostname, username, password, search, hash, origin, pathname } = new URL(text)
  const secure = protocol === 'https:' || (protocol === 'http:' && hostname === 'localhost')
  if (!secure || username || password || search || hash) return problem
  const path = pathname.replace(/\/+$/, '')
  const version = /\/v\d+\w*$/.exec(path)?.[0]
  return { baseUrl: origin + (version === undefined ? path : path.slice(0, -version.length)), version }
}
