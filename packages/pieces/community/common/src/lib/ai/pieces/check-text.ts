import { AIError } from '../errors/ai-error.ts'

/**
 * Rejects empty text before anything is sent: vendors return an error for it, or make something up.
 *
 * @param field display name of the property
 * @throws AIError `invalid-request`, which names the field
 * @example checkText(text, 'Text')
 */
export function checkText(text: unknown, field: string): void {
  if (typeof text === 'string' && text.trim() !== '') return
  throw new AIError({ code: 'invalid-request', message: `"${field}" is empty. Enter a text.`, parameter: field })
}
