import type { AIReasoning } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { isObject, type JsonObject, textAt } from './json.ts'
import { parseJson } from './parse-json.ts'
import { table } from './table.ts'

// OpenRouter's list of reasoning details: text, summaries and encrypted parts, with the signatures of the vendors behind it.
// It must be sent back unchanged and in order, so the whole list is treated as one signature.

/** Value of `signedBy`. */
const OWNER = 'openrouter'

/**
 * Adds the details of a response or chunk. Pieces of a text or summary are joined; the signature comes with the last piece.
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

/** The text field of each kind; encrypted details have none and arrive complete. */
const TEXTS: Record<string, string> = table({ 'reasoning.text': 'text', 'reasoning.summary': 'summary' })

/** Returns the reasoning with the list as its signature. */
export function signedByDetails(text: string, details: readonly JsonObject[]): AIReasoning[] {
  if (details.length > 0) return [{ text, signature: JSON.stringify(details), signedBy: OWNER }]
  return text === '' ? [] : [{ text }]
}

/** Whether the reasoning has such a list. */
export function hasDetails({ signedBy, signature }: AIReasoning): boolean {
  return signedBy === OWNER && signature !== undefined
}

/** Returns the lists unchanged. @throws AIError `invalid-request` if one was modified */
export function detailsOf(thoughts: readonly AIReasoning[]): JsonObject[] {
  return thoughts.flatMap(({ signature = '' }) => {
    const list = parseJson(signature)
    if (Array.isArray(list) && list.every(isObject)) return list
    const message = 'The signature of a reasoning part was changed; it must be sent back unchanged.'
    throw new AIError({ code: 'invalid-request', message, parameter: 'messages' })
  })
}
