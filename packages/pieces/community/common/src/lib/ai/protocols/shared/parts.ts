import type { AIChatMessage, AIContentPart, AIFile, AIFrameworkFile } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import type { ChatChanges } from './changes.ts'

/** What a message may hold besides text; what is there by URL the vendor would have to fetch. */
export type PartKind = 'image' | 'image-url' | 'file' | 'file-url'

/**
 * The messages without the parts that a vendor does not take: what was said before, perhaps to another vendor, goes on
 * without them and with a warning.
 *
 * @throws AIError `unsupported` for such a part in what is asked now, the last message of the user
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
      const why = `this vendor takes no ${WORDS[kind]}`
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

/** Who takes no files takes none by URL; an image's URL is a thing of its own. */
function refusedBy(refused: readonly PartKind[], kind: PartKind): boolean {
  return refused.includes(kind) || (kind === 'file-url' && refused.includes('file'))
}
