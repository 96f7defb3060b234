import { createGrowingValue } from './growing-value.ts'

/** Parses JSON while it arrives, in linear time. */
export type PartialJson = {
  /**
   * Adds text. Returns the value so far: open strings, arrays and objects are closed; incomplete numbers, literals, escapes
   * and properties are left out. Values returned earlier never change.
   *
   * @returns undefined while there is no value, the same value as before if the text adds nothing to it or is not JSON
   */
  readonly push: (text: string) => unknown
}

type Place = 'value' | 'first item' | 'key' | 'first key' | 'colon' | 'after value'

export function createPartialJson(): PartialJson {
  const value = createGrowingValue()
  let state: Place | 'key string' | 'string' | 'scalar' | 'invalid' = 'value'
  const string = createStringReader()
  let scalar = ''

  const close = () => {
    value.close()
    state = 'after value'
  }
  const beginValue = (sign: string) => {
    if (sign === '{') value.open({})
    else if (sign === '[') value.open([])
    else if (sign !== '"') scalar = sign
    state = AFTER_FIRST_SIGN[sign] ?? 'scalar'
  }
  const places: Record<Place, (sign: string) => void> = {
    value: beginValue,
    'first item': (sign) => (sign === ']' ? close() : beginValue(sign)),
    key: (sign) => {
      state = sign === '"' ? 'key string' : 'invalid'
    },
    'first key': (sign) => (sign === '}' ? close() : places.key(sign)),
    colon: (sign) => {
      state = sign === ':' ? 'value' : 'invalid'
    },
    'after value': (sign) => {
      const inside = value.inside()
      if (inside === undefined) state = 'invalid'
      else if (sign === CLOSERS[inside]) close()
      else state = sign === ',' ? NEXT[inside] : 'invalid'
      if (sign === ',') value.nextItem()
    },
  }

  const endString = () => {
    if (state === 'string') value.set(string.end())
    else value.setKey(string.end())
    state = state === 'string' ? 'after value' : 'colon'
  }

  /** Reads one character, or a run of them inside a string. @returns the index after it */
  const read = (text: string, at: number): number => {
    const sign = text.charAt(at)
    if (state === 'string' || state === 'key string') {
      const end = string.read(text, at)
      if (end !== undefined) return end
      endString()
    } else if (state === 'scalar' && !SCALAR_ENDS.includes(sign)) scalar += sign
    else if (state === 'scalar') {
      const known = scalarOf(scalar)
      if (known !== undefined) value.set(known)
      state = known === undefined ? 'invalid' : 'after value'
      return at
    } else if (state !== 'invalid' && !WHITESPACE.includes(sign)) places[state](sign)
    return at + 1
  }

  return {
    push(text) {
      for (let at = 0; at < text.length && state !== 'invalid'; ) at = read(text, at)
      if (state === 'string') value.set(string.soFar())
      const known = state === 'scalar' ? scalarOf(scalar) : undefined
      if (known !== undefined) value.set(known)
      return value.snapshot()
    },
  }
}

const WHITESPACE = ' \t\r\n'
const SCALAR_ENDS = `${WHITESPACE},]}`
const AFTER_FIRST_SIGN: Record<string, 'first key' | 'first item' | 'string'> = {
  '{': 'first key',
  '[': 'first item',
  '"': 'string',
}
const CLOSERS = { array: ']', object: '}' }
const NEXT = { array: 'value', object: 'key' } as const

/** @returns undefined if it is incomplete or invalid */
function scalarOf(token: string): number | boolean | null | undefined {
  try {
    return JSON.parse(token)
  } catch {
    return undefined
  }
}

const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** Reads strings after their opening quote. */
function createStringReader() {
  let content = ''
  let openEscape = ''
  /** First half of a character at the end, until its second half arrives. */
  let half = ''

  const append = (text: string) => {
    const whole = half + text
    const isHalf = (whole.charCodeAt(whole.length - 1) & 0xfc00) === 0xd800
    half = isHalf ? whole.slice(-1) : ''
    content += isHalf ? whole.slice(0, -1) : whole
  }

  const readEscape = (sign: string) => {
    openEscape += sign
    if (openEscape[1] === 'u' && openEscape.length < 6) return
    const code = Number.parseInt(openEscape.slice(2), 16)
    append(openEscape[1] === 'u' ? String.fromCharCode(code) : (ESCAPES[sign] ?? sign))
    openEscape = ''
  }

  return {
    soFar: () => content,
    /** @returns the index after what was read; undefined at the closing quote */
    read(text: string, at: number): number | undefined {
      const sign = text.charAt(at)
      if (openEscape !== '') readEscape(sign)
      else if (sign === '"') return undefined
      else if (sign === '\\') openEscape = sign
      else {
        const end = endOfRun(text, at)
        append(text.slice(at, end))
        return end
      }
      return at + 1
    },
    /** Returns the string, and begins the next one. */
    end(): string {
      const whole = content + half
      content = ''
      half = ''
      return whole
    },
  }
}

function endOfRun(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== '"' && text[at] !== '\\') at++
  return at
}
