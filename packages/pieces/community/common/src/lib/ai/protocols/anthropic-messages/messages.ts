import type {
  ContentBlockParam,
  MessageCreateParams,
  MessageParam,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages'
import type { AIChatMessage, AIContentPart, AIReasoning } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createIds, textOrRefusal } from '../shared/changes.ts'
import { resolveFile } from '../shared/files.ts'

export function renderSystem(messages: readonly AIChatMessage[]): Pick<MessageCreateParams, 'system'> {
  const parts = messages.filter((message) => message.role === 'system' && !isBlank(String(message.content)))
  if (parts.length === 0) return {}
  const texts = parts.map((message) => String(message.content))
  if (!parts.some((message) => message.cache)) return { system: texts.join('\n\n') }
  return {
    system: parts.map((part, index) => withCache({ type: 'text' as const, text: texts[index] ?? '' }, part.cache)),
  }
}

export function renderMessages(messages: readonly AIChatMessage[], changes: ChatChanges): MessageParam[] {
  const idOf = createIds()
  const rendered: MessageParam[] = []
  const { drop } = changes
  messages.forEach((message, index) => {
    const at = `messages[${index}]`
    if (message.role === 'user') {
      rendered.push({ role: 'user', content: cached(renderUser(message.content, at, drop), message.cache) })
    } else if (message.role === 'assistant') {
      const content = renderAssistant(message, textOrRefusal(message, at, changes), idOf, drop)
      if (isEmpty(content)) drop(at, 'it is empty, and this vendor does not accept empty messages')
      else rendered.push({ role: 'assistant', content: cached(content, message.cache) })
    } else if (message.role === 'tool') addToolResult(rendered, renderToolResult(message, idOf, at))
  })
  if (rendered.length > 0) return rendered
  const message = 'messages has no user message; this vendor needs at least one.'
  throw new AIError({ code: 'invalid-request', message, parameter: 'messages' })
}

/**
 * This vendor rejects blank text. Blank parts are dropped. An empty user message is an error, because it is usually an empty
 * variable, and the answer would be to something else. Empty assistant messages are completions of earlier calls and are
 * dropped.
 */
function renderUser(
  content: string | AIContentPart[],
  at: string,
  drop: ChatChanges['drop'],
): string | ContentBlockParam[] {
  const rendered = renderContent(content, at)
  if (isEmpty(rendered)) {
    const message = `${at}.content is empty; this vendor does not accept empty messages.`
    throw new AIError({ code: 'invalid-request', message, parameter: `${at}.content` })
  }
  if (rendered.length < content.length)
    drop(`${at}.content`, 'this vendor does not accept empty text; the rest was sent')
  return rendered
}

/** Results of parallel calls must be in one message. */
function addToolResult(rendered: MessageParam[], result: ToolResultBlockParam) {
  const last = rendered.at(-1)
  const open =
    last?.role === 'user' && Array.isArray(last.content) && last.content.every((block) => block.type === 'tool_result')
  if (open && Array.isArray(last.content)) last.content.push(result)
  else rendered.push({ role: 'user', content: [result] })
}

function renderToolResult(
  { toolCallId, content, isError, cache }: Extract<AIChatMessage, { role: 'tool' }>,
  idOf: (id: string) => string,
  at: string,
): ToolResultBlockParam {
  return withCache(
    {
      type: 'tool_result' as const,
      tool_use_id: idOf(toolCallId),
      // SAFETY: a tool result may contain text, images and documents.
      content: renderContent(content, at) as Extract<ToolResultBlockParam['content'], unknown[]> | string,
      ...(isError && { is_error: true }),
    },
    cache,
  )
}

/** Reasoning comes first and unchanged: the vendor rejects a tool result if the reasoning of its call is missing. */
function renderAssistant(
  message: Extract<AIChatMessage, { role: 'assistant' }>,
  text: string,
  idOf: (id: string) => string,
  drop: ChatChanges['drop'],
): string | ContentBlockParam[] {
  const calls = message.toolCalls ?? []
  const given = message.reasoning ?? []
  const reasoning = given.flatMap(renderReasoning)
  if (reasoning.length < given.length) drop('reasoning', 'this vendor only accepts its own signed reasoning back')
  if (calls.length === 0 && reasoning.length === 0) return text
  return [
    ...reasoning,
    ...(isBlank(text) ? [] : [{ type: 'text' as const, text }]),
    ...calls.map((call) => ({
      type: 'tool_use' as const,
      id: idOf(call.id),
      name: call.name,
      input: call.arguments ?? {},
    })),
  ]
}

/** Reasoning that is unsigned, or signed by another vendor, cannot be sent back. */
function renderReasoning({ text, id, signature, encrypted, signedBy = 'anthropic' }: AIReasoning): ContentBlockParam[] {
  if (signedBy !== 'anthropic') return []
  if (encrypted !== undefined) return [{ type: 'redacted_thinking', data: encrypted }]
  return signature === undefined || id !== undefined ? [] : [{ type: 'thinking', thinking: text, signature }]
}

function renderContent(content: string | AIContentPart[], at: string): string | ContentBlockParam[] {
  if (typeof content === 'string') return content
  return content.flatMap((part, index) =>
    part.type === 'text' && isBlank(part.text) ? [] : [renderPart(part, `${at}.content[${index}]`)],
  )
}

function isEmpty(content: string | ContentBlockParam[]): boolean {
  return typeof content === 'string' ? isBlank(content) : content.length === 0
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}

function renderPart(part: AIContentPart, at: string): ContentBlockParam {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'image') {
    const image = resolveFile(part.image, 'image', `${at}.image`)
    if (image.url !== undefined) return { type: 'image', source: { type: 'url', url: image.url } }
    // SAFETY: resolveFile only returns the four types that the vendor accepts.
    return { type: 'image', source: { type: 'base64', media_type: image.mediaType as 'image/png', data: image.base64 } }
  }
  const file = resolveFile(part.file, 'file', `${at}.file`)
  const title = file.filename === undefined ? {} : { title: file.filename }
  if (file.url !== undefined) return { type: 'document', source: { type: 'url', url: file.url }, ...title }
  return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: file.base64 }, ...title }
}

// ---- prompt cache

/** Marks the last block. */
function cached(content: string | ContentBlockParam[], cache: AIChatMessage['cache']): string | ContentBlockParam[] {
  if (!cache) return content
  const blocks: ContentBlockParam[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content
  return blocks.map((block, index) => (index === blocks.length - 1 ? withCache(block, cache) : block))
}

function withCache<Block extends object>(block: Block, cache: AIChatMessage['cache']): Block {
  if (!cache) return block
  return {
    ...block,
    cache_control: { type: 'ephemeral' as const, ttl: cache === 'long' ? ('1h' as const) : ('5m' as const) },
  }
}
