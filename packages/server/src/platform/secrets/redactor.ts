import { CREDENTIAL_HEADER, headerKey, isAllowedByDefault } from '../http/header-policy.ts'

/** Finds the credentials of one connection in text that comes from a provider. */
export type Redactor = {
  /** Whether the text contains a credential. Cheap for text that is shorter than every credential. */
  readonly hasCredential: (text: string) => boolean
  /** The text with each credential replaced by `[redacted]`. */
  readonly redact: (text: string) => string
  /** A JSON value with every text in it redacted, keys included. */
  readonly redactAll: <Value>(value: Value) => Value
}

/** Minimum length of a credential. Shorter values can't be distinguished from other words. */
const MIN_LENGTH = 8
/** Minimum length of a fragment that is found when a longer credential is truncated. */
const PIECE = 16
/** Longer text is first checked for fragments of credentials, which takes a tenth of the time: it may be a file. */
const LONG_TEXT = 64 * 1024

/**
 * Prepares the search for the values of a connection's headers: whole, without an auth scheme, or the parts of basic
 * auth; in any casing; plain, reversed, in hex, in base64 or base64url (also inside of more), URL-encoded, JSON-escaped or
 * HTML-escaped. Everything that is stored, logged or shown goes through it.
 *
 * @param headers the stored headers, decrypted
 */
export function createRedactor(headers: Readonly<Record<string, string>>): Redactor {
  const credentials = credentialsOf(headers)
  if (credentials.length === 0) return NOTHING_TO_FIND
  const shortest = Math.min(...credentials.map(({ length }) => length))
  let compiled: { any: RegExp; all: RegExp; fragments: readonly string[] } | undefined
  const forms = () => {
    compiled ??= compile(credentials)
    return compiled
  }
  const hasCredential = (text: string) => text.length >= shortest && forms().any.test(text)
  const redact = (text: string) => {
    if (text.length < Math.min(shortest, PIECE)) return text
    const { all, fragments } = forms()
    if (text.length > LONG_TEXT && !hasFragment(text, fragments)) return text
    return text.replace(all, '[redacted]')
  }
  return { hasCredential, redact, redactAll: (value) => mapTexts(value, redact) }
}

const NOTHING_TO_FIND: Redactor = {
  hasCredential: () => false,
  redact: (text) => text,
  redactAll: (value) => value,
}

// ---- which values are credentials

/** Treats every stored value as a credential, except those of headers that callers may set or that name a provider. */
function credentialsOf(headers: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(headers).filter(([name]) => {
    const key = headerKey(name)
    return CREDENTIAL_HEADER.test(key) || !(isAllowedByDefault(key) || /(^|-)(provider|host|url)$/.test(key))
  })
  return [...new Set(values.flatMap(([, value]) => partsOf(value)))].filter(({ length }) => length >= MIN_LENGTH)
}

function partsOf(value: string): string[] {
  const [, scheme = '', rest = ''] = /^([A-Za-z][\w-]*)\s+(\S.*)$/.exec(value) ?? []
  const basic = /^basic$/i.test(scheme) ? Buffer.from(rest, 'base64').toString() : ''
  const words = value.split(/[\s,;="]+/).filter(({ length }) => length >= 2 * MIN_LENGTH)
  return [value, rest, basic, ...basic.split(/:(.*)/s), ...words, ...secretsInJson(value)]
}

/** A gateway's configuration may hold keys. */
function secretsInJson(value: string): string[] {
  if (!value.startsWith('{') && !value.startsWith('[')) return []
  const found: string[] = []
  try {
    JSON.parse(value, (key, one) => {
      if (typeof one === 'string' && CREDENTIAL_HEADER.test(headerKey(key))) found.push(one)
      return one
    })
  } catch {
    // Not JSON: search for the whole value.
  }
  return found
}

// ---- their forms

function compile(credentials: readonly string[]) {
  const plain = credentials.flatMap((credential) => [
    credential,
    ...encoded(credential),
    [...credential].reverse().join(''),
  ])
  const forms = plain.map((form) => [...form].map(credentials.includes(form) ? anyEscape : literal))
  // Whole forms come first: a piece must not take the beginning of a longer match.
  const [whole, pieces] = [alternativesOf(forms), alternativesOf(forms.flatMap(piecesOf))]
  const fragments = plain.flatMap((form) => piecesOf([...form])).map((piece) => unescaped(piece.join('')))
  return { any: new RegExp(whole, 'i'), all: new RegExp(`(?:${whole}|${pieces})+`, 'gi'), fragments }
}

/** Whether the text may contain a credential, in any form. */
function hasFragment(text: string, fragments: readonly string[]): boolean {
  const plain = unescaped(text)
  return fragments.some((fragment) => plain.includes(fragment))
}

/** Lower case, as base64, without escapes for JSON, URLs and HTML. */
function unescaped(text: string): string {
  return text
    .replace(/%(?:25)*([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/(?:\\+|%)(?:u00|x)([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#(?:x0*([\da-f]{1,6})|0*(\d{1,7}));?/gi, (_, hex, digits) =>
      characterOf(hex ? Number.parseInt(hex, 16) : Number(digits)),
    )
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => NAMED[name] ?? '')
    .replaceAll('\\', '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .toLowerCase()
}

function characterOf(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : ''
}

function alternativesOf(forms: readonly (readonly string[])[]): string {
  return [...new Set(forms.map((form) => form.join('')))].join('|')
}

function piecesOf(form: readonly string[]): string[][] {
  const count = Math.max(1, Math.floor(form.length / PIECE))
  const at = (index: number) => Math.round((index * form.length) / count)
  return Array.from({ length: count }, (_, index) => form.slice(at(index), at(index + 1)))
}

function encoded(credential: string): string[] {
  const bytes = Buffer.from(credential)
  return [bytes.toString('hex'), ...[0, 1, 2].map((shift) => base64Within(bytes, shift))]
}

/** The base64 characters that depend only on these bytes, given the number of bytes before them. */
function base64Within(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
}

/** A character of base64, or of base64url. */
function literal(char: string): string {
  if (char === '+') return '[+-]'
  if (char === '/') return '(?:[/_]|\\\\/)'
  return escaped(char)
}

function escaped(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
}

const HTML: Record<string, string> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' }

const NAMED: Record<string, string> = Object.fromEntries(Object.entries(HTML).map(([char, name]) => [name, char]))

/** Matches a character, plain or escaped for JSON, a URL or HTML. Repetitions are bounded: the text is hostile. */
function anyEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0
  const hex = code.toString(16)
  const url = [...Buffer.from(char)].map((byte) => `%(?:25){0,3}${byte.toString(16).padStart(2, '0')}`).join('')
  const forms = [
    `\\\\{0,4}${escaped(char)}`,
    `(?:\\\\{1,4}|%)u${hex.padStart(4, '0')}`,
    ...(code < 256 ? [`\\\\{1,4}x${hex.padStart(2, '0')}`] : []),
    url,
    `&(?:#0{0,6}${code}|#x0{0,6}${hex}${char in HTML ? `|${HTML[char]}` : ''});?`,
    ...(char === ' ' ? ['\\+'] : []),
  ]
  return `(?:${forms.join('|')})`
}

function mapTexts<Value>(value: Value, change: (text: string) => string): Value
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, change))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [change(key), mapTexts(one, change)]))
}
