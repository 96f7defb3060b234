import type { AIReasoning } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { isObject, type JsonObject, textAt } from './json.ts'
import { parseJson } from './parse-json.ts'
import { table } from './table.ts'

// OpenRouter's list of a reply's thoughts: texts, summaries and what is encrypted, with the seals of the vendors behind it.
// It has to go back as it came, in its order, so the whole list is one seal.

/** Whose seal it is. */
const OWNER = 'openrouter'

/**
 * Adds what a reply or a chunk has. A text or a summary comes in pieces, which make one; its seal comes with the last.
 *
 * @see https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
 */
export function addDetails(details: JsonObject[], news: readonly JsonObject[]): void {
  for (const detail of news) {
    const last = details.at(-1)
    if (last && isMore(last, detail)) details.splice(-1, 1, joined(last, detail))
    else details.push(detail)
  }
}

function isMore(last: JsonObject, detail: JsonObject): boolean {
  return (
    TEXTS[String(detail['type'])] !== undefined && ['type', 'index'].every((field) => last[field] === detail[field])
  )
}

function joined(last: JsonObject, detail: JsonObject): JsonObject {
  const field = TEXTS[String(detail['type'])] ?? 'text'
  const said = Object.entries(detail).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const text = `${textAt(last, field) ?? ''}${textAt(detail, field) ?? ''}`
  return { ...last, ...Object.fromEntries(said), ...((field in last || field in detail) && { [field]: text }) }
}

/** Where each kind has its words; what is encrypted has none, and comes whole. */
const TEXTS: Record<string, string> = table({ 'reasoning.text': 'text', 'reasoning.summary': 'summary' })

/** The thought of a reply, with the list as its seal. */
export function signedByDetails(text: string, details: readonly JsonObject[]): AIReasoning[] {
  if (details.length > 0) return [{ text, signature: JSON.stringify(details), signedBy: OWNER }]
  return text === '' ? [] : [{ text }]
}

/** Whether the thought came from here. */
export function hasDetails({ signedBy, signature }: AIReasoning): boolean {
  return signedBy === OWNER && signature !== undefined
}

/** The lists of such thoughts, as they came. @throws AIError `invalid-request` for one that is not as it came */
export function detailsOf(thoughts: readonly AIReasoning[]): JsonObject[] {
  return thoughts.flatMap(({ signature = '' }) => {
    const list = parseJson(signature)
    if (Array.isArray(list) && list.every(isObject)) return list
    const message = 'The signature of a thought is not as it came: it has to go back unchanged.'
    throw new AIError({ code: 'invalid-request', message, parameter: 'messages' })
  })
}
