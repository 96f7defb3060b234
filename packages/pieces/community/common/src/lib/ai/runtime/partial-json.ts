import { parseJson } from '../protocols/shared/parse-json.ts'

/**
 * Parses incomplete JSON: closes what is open and drops incomplete escapes, literals and properties.
 *
 * @returns undefined if nothing can be parsed yet
 */
export function parsePartialJson(text: string): unknown {
  const { inString, escaped, closers, safe } = scan(text)
  return parseJson(closeText(text, inString, escaped) + closers) ?? parseJson(safe)
}

/** Finds what is open at the end of the text, and the longest prefix that is valid once closed. */
function scan(text: string) {
  const closers: string[] = []
  let inString = false
  let escaped = false
  let safe = ''
  for (let index = 0; index < text.length; index++) {
    const sign = text.charAt(index)
    if (inString) {
      inString = escaped || sign !== '"'
      escaped = !escaped && sign === '\\'
      continue
    }
    inString = sign === '"'
    if (!(sign in STRUCTURE)) continue
    STRUCTURE[sign]?.(closers)
    safe = text.slice(0, sign === ',' ? index : index + 1) + closers.toReversed().join('')
  }
  return { inString, escaped, closers: closers.toReversed().join(''), safe }
}

const STRUCTURE: Record<string, (closers: string[]) => void> = {
  '{': (closers) => void closers.push('}'),
  '[': (closers) => void closers.push(']'),
  '}': (closers) => void closers.pop(),
  ']': (closers) => void closers.pop(),
  ',': () => undefined,
}

function closeText(text: string, inString: boolean, escaped: boolean): string {
  if (!inString) return text
  const clean = escaped ? text.slice(0, -1) : text.replace(/\\u[0-9a-fA-F]{0,3}$/, '')
  return `${clean}"`
}
