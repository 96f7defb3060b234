import type { AIContentPart, AIFrameworkFile } from '../contract/chat.ts'
import { AIError } from '../errors/ai-error.ts'

/**
 * Converts a file of a step to a part of a message, by its bytes: an image, a PDF or text.
 *
 * @throws AIError `invalid-request` that names the file, if it is empty or of any other type
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
  const message = `The file "${file.filename}" is not a supported type (PNG, JPEG, GIF, WebP, PDF or UTF-8 text).`
  throw new AIError({ code: 'invalid-request', message, parameter: file.filename })
}

function textOf({ data }: AIFrameworkFile): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(data)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: files with these are not text
    return /[\x00-\x08\x0e-\x1f]/.test(text) ? undefined : text
  } catch {
    return undefined
  }
}
