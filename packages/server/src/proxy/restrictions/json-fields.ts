/** A field of a JSON text, or one element of the list that it holds. */
export type JsonField = {
  /** Path of keys, without list indexes. */
  readonly path: readonly string[]
  /** Undefined if it is not a string. */
  readonly value: string | undefined
}

export type FieldFilter = {
  readonly isWanted: (key: string, depth: number) => boolean
  /** Everything below such a field is skipped. */
  readonly isOpaque: (key: string, depth: number) => boolean
}

/** An object with its current key, or a list, which keeps the key of its parent. */
type Frame = { readonly key: string; readonly wanted: boolean; readonly opaque: boolean; readonly isList: boolean }

/** Limits, because the scan blocks the thread that serves all calls. Requests of SDKs stay far below them. */
const MAX_DEPTH = 200
const MAX_TOKENS = 1_000_000
const MAX_FIELDS = 100

/**
 * Finds fields in a JSON text, at any depth, in linear time. Returns both values of a duplicate key: parsers differ in which
 * one counts, and `JSON.parse` shows only the last.
 *
 * @returns undefined if the text is not JSON or exceeds a limit
 */
export function findJsonFields(json: string, filter: FieldFilter): JsonField[] | undefined {
  try {
    const fields = scan(json, filter)
    // Last, because it takes much more memory than the text.
    if (fields) JSON.parse(json)
    return fields
  } catch {
    return undefined
  }
}

/** @throws SyntaxError for some texts that are not JSON; the fields of others have no meaning */
function scan(json: string, filter: FieldFilter): JsonField[] | undefined {
  const fields: JsonField[] = []
  const frames: Frame[] = [ROOT]
  let tokens = 0
  for (const token of tokensOf(json)) {
    if (isWantedValue(token, frames)) fields.push({ path: pathOf(frames), value: stringOf(token) })
    step(token, frames, filter)
    if (++tokens > MAX_TOKENS || frames.length > MAX_DEPTH || fields.length > MAX_FIELDS) return undefined
  }
  return fields
}

/** Whether it is the value of a wanted field, or one element of its list. */
function isWantedValue({ sign, isKey }: Token, frames: readonly Frame[]): boolean {
  const isHidden = (frames.at(-2) ?? ROOT).opaque
  return !isKey && !'[]}'.includes(sign) && frames.at(-1)?.wanted === true && !isHidden
}

function step({ sign, text, isKey }: Token, frames: Frame[], { isWanted, isOpaque }: FieldFilter): void {
  const top = frames.at(-1) ?? ROOT
  if (sign === '}' || sign === ']') frames.pop()
  else if (sign === '[') frames.push({ ...top, key: '', isList: true })
  else if (sign === '{') frames.push({ ...ROOT, opaque: top.opaque, isList: false })
  else if (isKey) {
    const key: string = JSON.parse(text)
    const depth = frames.length - 1
    const isHidden = (frames.at(-2) ?? ROOT).opaque
    frames[depth] = { key, wanted: isWanted(key, depth), opaque: isHidden || isOpaque(key, depth), isList: false }
  }
}

/** @returns undefined if it is not a string */
function stringOf({ sign, text }: Token): string | undefined {
  return sign === '"' ? JSON.parse(text) : undefined
}

type Token = { readonly sign: string; readonly text: string; readonly isKey: boolean }

/** Brackets, strings and other values. */
function* tokensOf(json: string): Generator<Token> {
  for (let at = 0, end = 0; at < json.length; at = end) {
    const sign = json.charAt(at)
    end = endOfToken(json, at)
    if (SEPARATORS.includes(sign)) continue
    const isKey = sign === '"' && json.charAt(skipSpace(json, end)) === ':'
    yield { sign, text: json.slice(at, end), isKey }
  }
}

/** Parent of the outermost value. */
const ROOT: Frame = { key: '', wanted: false, opaque: false, isList: true }

const SEPARATORS = ' \t\r\n,:'
const AFTER_SCALAR = `${SEPARATORS}{}[]"`

/** A separator, a bracket, a string, or another value. */
function endOfToken(json: string, at: number): number {
  const sign = json.charAt(at)
  if (sign === '"') return endOfString(json, at)
  let end = at + 1
  if (!AFTER_SCALAR.includes(sign)) while (end < json.length && !AFTER_SCALAR.includes(json.charAt(end))) end++
  return end
}

function endOfString(json: string, at: number): number {
  for (let quote = json.indexOf('"', at + 1); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let backslash = quote - 1
    while (json.charAt(backslash) === '\\') backslash--
    if ((quote - backslash) % 2 === 1) return quote + 1
  }
  throw new SyntaxError('A string is not closed.')
}

function skipSpace(json: string, from: number): number {
  let at = from
  while (at < json.length && ' \t\r\n'.includes(json.charAt(at))) at++
  return at
}

function pathOf(frames: readonly Frame[]): string[] {
  return frames.filter(({ isList }) => !isList).map(({ key }) => key)
}
