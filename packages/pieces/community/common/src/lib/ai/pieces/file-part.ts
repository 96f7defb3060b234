import type { AIContentPart, AIFrameworkFile } from '../contract/chat.ts'
import { AIError } from '../errors/ai-error.ts'

/**
 * A file of a step as a part of a message, by what its bytes are: an image, a PDF, or a text.
 *
 * @throws AIError `invalid-request`, which names the file, for anything else, which no model reads, and for one that is empty
 */
export function filePart(file: AIFrameworkFile): AIContentPart {
  if (file.data.length === 0) {
    const message = `The file "${file.filename}" is empty.`
    throw new AIError({ code: 'invalid-request', message, parameter: file.filename })
  }
  const head = Buffer.from(file.data.subarray(0, 12)).toString('latin1')
  if (/^(\x89PNG|\xff\xd8\xff|GIF8|RIFF.{4}WEBP)/s.test(head)) return { type: 'image', image: file }
  if (head.startsWith('%PDF')) return { type: 'file', file }
  const text = textOf(file)
  if (text !== undefined) return { type: 'text', text: `${file.filename}:\n\n${text}` }
  const message = `The file "${file.filename}" is no PNG, JPEG, GIF, WebP, PDF or text (UTF-8), so no model can read it.`
  throw new AIError({ code: 'invalid-request', message, parameter: file.filename })
}

function textOf({ data }: AIFrameworkFile): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what holds these is no text
    return /[\x00-\x08\x0e-\x1f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
