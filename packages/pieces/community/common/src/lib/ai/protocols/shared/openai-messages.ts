import type { ChatCompletionContentPart, ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { AIChatMessage, AIContentPart } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createIds, toolResultText } from './changes.ts'
import { resolveFile } from './files.ts'
import type { OpenaiModel } from './openai-model.ts'
import { detailsOf, hasDetails } from './reasoning-details.ts'

/** How an API's messages differ from OpenAI's. */
export type OpenaiMessageQuirks = {
  /** The field that takes reasoning back in an assistant message; OpenAI has none. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning'
  /** Reasoning also comes as a list of details, some of them encrypted, which is sent back unchanged. */
  readonly reasoningDetails?: boolean
  /** Ids of tool calls must have exactly this many letters and digits; other ids are replaced. */
  readonly toolCallIdLength?: number
}

/** Renders a conversation as OpenAI's messages, which other APIs share. */
export function renderMessages(
  messages: readonly AIChatMessage[],
  model: OpenaiModel | undefined,
  quirks: OpenaiMessageQuirks,
  drop: ChatChanges['drop'],
): ChatCompletionMessageParam[] {
  const idOf = createIds(quirks.toolCallIdLength)
  const rendered: ChatCompletionMessageParam[] = []
  let files: ChatCompletionContentPart[] = []
  messages.forEach((message, index) => {
    if (message.role !== 'tool' && files.length > 0) files = flush(rendered, files)
    if (message.role === 'system') {
      if (message.content !== '') rendered.push({ role: model?.systemRole ?? 'system', content: message.content })
    } else if (message.role === 'user') {
      rendered.push({ role: 'user', content: renderContent(message.content, `messages[${index}]`) })
    } else if (message.role === 'assistant') {
      rendered.push(renderAssistant(message, idOf, quirks, drop))
    } else {
      const text = toolResultText(message.content)
      rendered.push({
        role: 'tool',
        tool_call_id: idOf(message.toolCallId),
        content: message.isError ? `Error: ${text}` : text,
      })
      files.push(...filesOf(message.content, `messages[${index}]`))
    }
  })
  flush(rendered, files)
  return rendered
}

/** Tool results can only be text, so their files follow in a user message. */
function flush(rendered: ChatCompletionMessageParam[], files: ChatCompletionContentPart[]): [] {
  if (files.length > 0) {
    rendered.push({
      role: 'user',
      content: [{ type: 'text', text: 'The files of the tool results above:' }, ...files],
    })
  }
  return []
}

function filesOf(content: string | AIContentPart[], at: string): ChatCompletionContentPart[] {
  if (typeof content === 'string') return []
  return content.flatMap((part, index) => (part.type === 'text' ? [] : [renderPart(part, `${at}.content[${index}]`)]))
}

function renderAssistant(
  message: Extract<AIChatMessage, { role: 'assistant' }>,
  idOf: (id: string) => string,
  { reasoningField, reasoningDetails }: OpenaiMessageQuirks,
  drop: ChatChanges['drop'],
): ChatCompletionMessageParam {
  const calls = message.toolCalls ?? []
  const thoughts = message.reasoning ?? []
  const own = reasoningDetails ? thoughts.filter(hasDetails) : []
  const others = thoughts.filter((thought) => !own.includes(thought))
  const reasoning = others.map(({ text }) => text).join('')
  if (!reasoningField && others.length > 0) drop('reasoning', 'this API does not accept it back')
  else if (others.some(({ text }) => text === '')) drop('reasoning', 'this API only accepts its text back')
  return {
    role: 'assistant',
    content: message.content === '' && calls.length > 0 ? null : message.content,
    ...(message.refusal !== undefined && { refusal: message.refusal }),
    ...(reasoning !== '' && reasoningField && { [reasoningField]: reasoning }),
    ...(own.length > 0 && { reasoning_details: detailsOf(own) }),
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => ({
        id: idOf(call.id),
        type: 'function' as const,
        function: { name: call.name, arguments: JSON.stringify(call.arguments ?? {}) },
      })),
    }),
  }
}

function renderContent(content: string | AIContentPart[], at: string): string | ChatCompletionContentPart[] {
  if (typeof content === 'string') return content
  return content.map((part, index) => renderPart(part, `${at}.content[${index}]`))
}

function renderPart(part: AIContentPart, at: string): ChatCompletionContentPart {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'image') {
    const image = resolveFile(part.image, 'image', `${at}.image`)
    return { type: 'image_url', image_url: { url: image.url ?? `data:${image.mediaType};base64,${image.base64}` } }
  }
  const file = resolveFile(part.file, 'file', `${at}.file`)
  if (file.url !== undefined) {
    const message = `${at}.file is a URL: this vendor only accepts the bytes of a file.`
    throw new AIError({ code: 'unsupported', message, parameter: `${at}.file` })
  }
  return {
    type: 'file',
    file: { filename: file.filename ?? 'file.pdf', file_data: `data:${file.mediaType};base64,${file.base64}` },
  }
}
