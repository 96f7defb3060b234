/**
 * The value of JSON text that has not come to its end: what is open is closed, what is cut (half an escape, half a word,
 * a name without a value) is left out.
 *
 * @returns undefined when nothing can be read yet
 */
export function parsePartialJson(text: string): unknown {
  const closers: string[] = []
  let inString = false
  let escaped = false
  /** The longest beginning after which everything open may be closed, and how. */
  let safe = ''
  for (let index = 0; index < text.length; index++) {
    const sign = text.charAt(index)
    if (inString) {
      if (escaped) escaped = false
      else if (sign === '\\') escaped = true
      else if (sign === '"') inString = false
    } else if (sign === '"') inString = true
    else if (sign === '{') closers.push('}')
    else if (sign === '[') closers.push(']')
    else if (sign === '}' || sign === ']') closers.pop()
    if (!inString && ',[{}]'.includes(sign)) safe = text.slice(0, sign === ',' ? index : index + 1) + closers.toReversed().join('')
  }
  const whole = closeText(text, inString, escaped) + closers.toReversed().join('')
  return parse(whole) ?? parse(safe)
}

function closeText(text: string, inString: boolean, escaped: boolean): string {
  if (!inString) return text
  const clean = escaped ? text.slice(0, -1) : text.replace(/\\u[0-9a-fA-F]{0,3}$/, '')
  return `${clean}"`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
