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

/**
 * Finds fields in a valid JSON text, at any depth. Returns both values of a duplicate key: parsers differ in
 * which one counts, and `JSON.parse` shows only the last.
 */
export function* jsonFields(json: string, { isWanted, isOpaque }: FieldFilter): Generator<JsonField> {
  const frames: Frame[] = [ROOT]
  for (const [token, string, colon] of json.matchAll(TOKEN)) {
    const top = frames.at(-1) ?? ROOT
    const isHidden = (frames.at(-2) ?? ROOT).opaque
    if (token === '}' || token === ']') frames.pop()
    else if (token === '[') frames.push({ ...top, key: '', isList: true })
    else if (string !== undefined && colon !== undefined) {
      const key: string = JSON.parse(string)
      const depth = frames.length - 1
      frames[depth] = { key, wanted: isWanted(key, depth), opaque: isHidden || isOpaque(key, depth), isList: false }
    } else {
      if (top.wanted && !isHidden) yield { path: pathOf(frames), value: textOf(string) }
      if (token === '{') frames.push({ ...ROOT, opaque: top.opaque, isList: false })
    }
  }
}

/** Parent of the outermost value. */
const ROOT: Frame = { key: '', wanted: false, opaque: false, isList: true }

/** A bracket, a string with its colon if it is a key, or another value. */
const TOKEN = /[{}[\]]|("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[^\s{}[\],:"]+/gs

function pathOf(frames: readonly Frame[]): string[] {
  return frames.filter(({ isList }) => !isList).map(({ key }) => key)
}

function textOf(string: string | undefined): string | undefined {
  return string === undefined ? undefined : JSON.parse(string)
}
