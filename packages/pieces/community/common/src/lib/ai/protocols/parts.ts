import type { AIChatMessage, AIContentPart } from '../contract-chat.ts'
import { AIError } from '../errors.ts'
import type { ChatChanges } from './wire.ts'

/** What a message may hold besides text; an image by URL is one that the vendor would have to fetch. */
export type PartKind = 'image' | 'image-url' | 'file'

/**
 * The messages without the parts that a vendor does not take: what was said before, perhaps to another vendor, goes on
 * without them and with a warning.
 *
 * @throws AIError `unsupported` for such a part in what is asked now, the last message of the user
 */
export function withoutParts(
  messages: readonly AIChatMessage[],
  refused: readonly PartKind[],
  leaveOut: ChatChanges['leaveOut'],
): readonly AIChatMessage[] {
  if (refused.length === 0) return messages
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  return messages.map((message, index) => {
    if (typeof message.content === 'string' || (message.role !== 'user' && message.role !== 'tool')) return message
    const content = message.content.map((part, place): AIContentPart => {
      const kind = kindOf(part)
      if (kind === undefined || !refused.includes(kind)) return part
      const parameter = `messages[${index}].content[${place}]`
      const why = `this vendor takes no ${WORDS[kind]}`
      if (index === asked) throw new AIError({ code: 'unsupported', message: `${parameter}: ${why}.`, parameter })
      leaveOut(parameter, why)
      return { type: 'text', text: `[${part.type}]` }
    })
    return { ...message, content }
  })
}

const WORDS: Record<PartKind, string> = { image: 'images', 'image-url': 'images by URL', file: 'files' }

function kindOf(part: AIContentPart): PartKind | undefined {
  if (part.type === 'text') return undefined
  if (part.type === 'file') return 'file'
  return 'url' in part.image && !part.image.url.startsWith('data:') ? 'image-url' : 'image'
}
