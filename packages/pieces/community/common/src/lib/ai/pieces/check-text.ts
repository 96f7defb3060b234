import { AIError } from '../errors/ai-error.ts'

/**
 * Refuses a text that is empty before anything is sent: vendors answer such with errors of their own, or with an invention.
 *
 * @param field its name as the flow's author sees it
 * @throws AIError `invalid-request`, which names the field
 * @example checkText(text, 'Text')
 */
export function checkText(text: unknown, field: string): void {
  if (typeof text === 'string' && text.trim() !== '') return
  throw new AIError({ code: 'invalid-request', message: `"${field}" is empty; give it a text.`, parameter: field })
}
