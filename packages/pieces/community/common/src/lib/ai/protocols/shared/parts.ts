import type { AIChatMessage, AIContentPart, AIFile, AIFrameworkFile } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import type { ChatChanges } from './changes.ts'

/** Parts of a message other than text; `-url`: the vendor has to fetch it. */
export type PartKind = 'image' | 'image-url' | 'file' | 'file-url'

/**
 * Removes parts that a vendor does not support. In earlier messages, which may come from another vendor, they are dropped
 * with a warning.
 *
 * @throws AIError `unsupported` if the last user message has such a part
 */
export function withoutParts(
  messages: readonly AIChatMessage[],
  refused: readonly PartKind[],
  drop: ChatChanges['drop'],
): readonly AIChatMessage[] {
  if (refused.length === 0) return messages
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  return messages.map((message, index) => {
    if (typeof message.content === 'string' || (message.role !== 'user' && message.role !== 'tool')) return message
    const content = message.content.map((part, place): AIContentPart => {
      const kind = kindOf(part)
      if (kind === undefined || !refusedBy(refused, kind)) return part
      const parameter = `messages[${index}].content[${place}]`
      const why = `this vendor does not accept ${WORDS[kind]}`
      if (index === asked) throw new AIError({ code: 'unsupported', message: `${parameter}: ${why}.`, parameter })
      drop(parameter, why)
      return { type: 'text', text: `[${part.type}]` }
    })
    return { ...message, content }
  })
}

const WORDS: Record<PartKind, string> = {
  image: 'images',
  'image-url': 'images by URL',
  file: 'files',
  'file-url': 'files by URL',
}

function kindOf(part: AIContentPart): PartKind | undefined {
  if (part.type === 'text') return undefined
  if (part.type === 'file') return isByUrl(part.file) ? 'file-url' : 'file'
  return isByUrl(part.image) ? 'image-url' : 'image'
}

function isByUrl(file: AIFile | AIFrameworkFile): boolean {
  return 'url' in file && !file.url.startsWith('data:')
}

/** A vendor without files has no file URLs either; image URLs are refused separately. */
function refusedBy(refused: readonly PartKind[], kind: PartKind): boolean {
  return refused.includes(kind) || (kind === 'file-url' && refused.includes('file'))
}
