import type {
  ContentBlockParam,
  MessageCreateParams,
  MessageParam,
  ToolChoice,
  ToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/messages'
import type {
  AIChange,
  AIChatMessage,
  AIChatRequest,
  AIContentPart,
  AIReasoning,
  AIToolChoice,
} from '../../contract/chat.ts'
import type { AiModel } from '../../contract/model.ts'
import type { AIChat } from '../../contract/registry.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createChanges, createIds, textOrRefusal } from '../shared/changes.ts'
import { type SendOptions, speak } from '../shared/chat-protocol.ts'
import { resolveFile } from '../shared/files.ts'
import { CLOSED_SCHEMA } from '../shared/schema.ts'
import { collect, parse } from './reply.ts'

/** A request of this wire. Its SDK no longer types `temperature`, which models up to Claude 4.6 still take. */
export type AnthropicMessagesBody = MessageCreateParams & { temperature?: number }

/** What a vendor that speaks Anthropic's messages has to say of itself. */
export type AnthropicMessagesOptions = {
  /** The vendor's models, for what each of them takes. */
  readonly models: readonly AiModel[]
  /** The wire demands a maximum: this one is sent for a model that the registry does not know. */
  readonly maxTokensOfUnknownModels: number
  /** Sends the body through the vendor's SDK. */
  readonly create: (body: AnthropicMessagesBody, options: SendOptions) => Promise<Response>
}

/**
 * The chat of a vendor that speaks Anthropic's messages.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export function anthropicMessages({ models, maxTokensOfUnknownModels, create }: AnthropicMessagesOptions): AIChat {
  const modelOf = (id: string) => models.find((known) => known.value === id)
  return speak({
    path: '/v1/messages',
    render: (request, stream) => render(request, modelOf(request.model), maxTokensOfUnknownModels, stream),
    send: create,
    parse,
    collect,
    structuredOutput: (model) => modelOf(model)?.structuredOutput ?? true,
    webSearch: () => true,
  })
}

// ---- ours → wire

/** Renders a call. What the model refuses is left out and noted. */
function render(
  request: AIChatRequest,
  model: AiModel | undefined,
  maxTokensOfUnknownModels: number,
  stream: boolean,
): { body: AnthropicMessagesBody; changes: AIChange[] } {
  const taken = createChanges(request, model)
  const { take, takeEffort, leaveOut, note, changes } = taken
  const maxTokens = request.maxTokens ?? model?.maxOutputTokens ?? maxTokensOfUnknownModels
  if (request.maxTokens === undefined && model?.maxOutputTokens === undefined) {
    const message = `maxTokens set to ${maxTokens}: the vendor demands one and the limit of ${request.model} is not known.`
    note('changed', 'maxTokens', message)
  }
  const thinking = renderThinking(takeEffort(), model, maxTokens, leaveOut)
  const thinks = thinking.thinking !== undefined && thinking.thinking.type !== 'disabled'
  const creativity = take('creativity')
  if (creativity !== undefined && thinks) leaveOut('creativity', `${request.model} takes none while it thinks`)
  const stop = take('stop')
  const format = renderSchema(request, taken)
  const output = { ...thinking.output_config, ...format }
  const body = {
    model: request.model,
    max_tokens: maxTokens,
    messages: renderMessages(request.messages, taken),
    ...renderSystem(request.messages),
    ...(creativity !== undefined && !thinks && { temperature: creativity / 100 }),
    ...(stop !== undefined && { stop_sequences: stop }),
    ...(thinking.thinking && { thinking: thinking.thinking }),
    ...(Object.keys(output).length > 0 && { output_config: output }),
    ...renderTools(request, model, leaveOut, thinks),
    ...taken.takeOptions(),
  }
  return { body: stream ? { ...body, stream: true as const } : body, changes }
}

type Thinking = Pick<MessageCreateParams, 'thinking' | 'output_config'>

/** Newer models think by effort, older ones by a budget of tokens that has to stay below the maximum. */
function renderThinking(
  effort: string | undefined,
  model: AiModel | undefined,
  maxTokens: number,
  leaveOut: ChatChanges['leaveOut'],
): Thinking {
  if (effort === undefined) return {}
  if (effort === 'none') return { thinking: { type: 'disabled' } }
  if (model?.thinking === 'budget') {
    const budget = Math.min(BUDGETS[effort] ?? 8_192, maxTokens - 1)
    if (budget >= 1_024) return { thinking: { type: 'enabled', budget_tokens: budget } }
    leaveOut('reasoningEffort', `a maximum of ${maxTokens} tokens leaves none to think with`)
    return {}
  }
  // SAFETY: the effort is one that the model is said to know.
  return { thinking: { type: 'adaptive' }, output_config: { effort: effort as 'high' } }
}

const BUDGETS: Record<string, number> = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 60_000,
}

function renderSchema(
  { responseSchema }: AIChatRequest,
  { takeSchema }: ChatChanges,
): NonNullable<Thinking['output_config']> {
  if (!responseSchema) return {}
  const schema = takeSchema(responseSchema.schema, 'schema', CLOSED_SCHEMA)
  return { format: { type: 'json_schema', schema: { ...schema } } }
}

function renderTools(
  request: AIChatRequest,
  model: AiModel | undefined,
  leaveOut: ChatChanges['leaveOut'],
  thinks: boolean,
) {
  const ours = (request.tools ?? []).map(({ name, description, parameters }) => ({
    name,
    ...(description !== undefined && { description }),
    input_schema: { ...parameters, type: 'object' as const },
  }))
  const search = request.webSearch ? [WEB_SEARCH] : []
  if (ours.length === 0) return search.length > 0 ? { tools: search } : {}
  const tools = [...ours, ...search]
  const forced = request.toolChoice === 'any' || typeof request.toolChoice === 'object'
  const refused = forced && (thinks || model?.refuses?.includes('toolChoice'))
  if (refused) leaveOut('toolChoice', `${request.model} cannot be forced to a tool${thinks ? ' while it thinks' : ''}`)
  const toolChoice = renderToolChoice(refused ? undefined : request.toolChoice, request.parallelToolCalls)
  return { tools, ...(toolChoice && { tool_choice: toolChoice }) }
}

/** @see https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/web-search-tool */
const WEB_SEARCH = { type: 'web_search_20250305', name: 'web_search' } as const

function renderToolChoice(choice: AIToolChoice | undefined, parallel: boolean | undefined): ToolChoice | undefined {
  if (choice === 'none') return { type: 'none' }
  if (choice === undefined && parallel === undefined) return undefined
  const single = parallel === undefined ? {} : { disable_parallel_tool_use: !parallel }
  if (typeof choice === 'object') return { type: 'tool', name: choice.tool, ...single }
  return { type: choice ?? 'auto', ...single }
}

// ---- messages

function renderSystem(messages: readonly AIChatMessage[]): Pick<MessageCreateParams, 'system'> {
  const parts = messages.filter((message) => message.role === 'system' && !isBlank(String(message.content)))
  if (parts.length === 0) return {}
  const texts = parts.map((message) => String(message.content))
  if (!parts.some((message) => message.cache)) return { system: texts.join('\n\n') }
  return {
    system: parts.map((part, index) => withCache({ type: 'text' as const, text: texts[index] ?? '' }, part.cache)),
  }
}

function renderMessages(messages: readonly AIChatMessage[], changes: ChatChanges): MessageParam[] {
  const idOf = createIds()
  const rendered: MessageParam[] = []
  const { leaveOut } = changes
  messages.forEach((message, index) => {
    const at = `messages[${index}]`
    if (message.role === 'user') {
      rendered.push({ role: 'user', content: cached(renderUser(message.content, at, leaveOut), message.cache) })
    } else if (message.role === 'assistant') {
      const content = renderAssistant(message, textOrRefusal(message, at, changes), idOf, leaveOut)
      if (isEmpty(content)) leaveOut(at, 'it is empty, and this vendor takes no empty message')
      else rendered.push({ role: 'assistant', content: cached(content, message.cache) })
    } else if (message.role === 'tool') addToolResult(rendered, renderToolResult(message, idOf, at))
  })
  if (rendered.length > 0) return rendered
  const message = 'messages has no message of role user: this vendor needs at least one.'
  throw new AIError({ code: 'invalid-request', message, parameter: 'messages' })
}

/**
 * This vendor refuses text without a letter. An empty text beside others says nothing, so it is left out; but a user's
 * message that is nothing else is a prompt that its author forgot or a variable that was empty: an answer without it
 * would be an answer to something else. The assistant's empty messages are replies of earlier calls, which nobody wrote:
 * the conversation goes on without them.
 */
function renderUser(
  content: string | AIContentPart[],
  at: string,
  leaveOut: ChatChanges['leaveOut'],
): string | ContentBlockParam[] {
  const rendered = renderContent(content, at)
  if (isEmpty(rendered)) {
    const message = `${at}.content is empty; this vendor takes no empty message.`
    throw new AIError({ code: 'invalid-request', message, parameter: `${at}.content` })
  }
  if (rendered.length < content.length) leaveOut(`${at}.content`, 'this vendor takes no empty text; the rest was sent')
  return rendered
}

/** The results of parallel calls belong into one message. */
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
      // SAFETY: text, images and documents are what a tool result may hold.
      content: renderContent(content, at) as Extract<ToolResultBlockParam['content'], unknown[]> | string,
      ...(isError && { is_error: true }),
    },
    cache,
  )
}

/** Thoughts first and sealed as they came: the vendor refuses a tool result whose call has lost its thoughts. */
function renderAssistant(
  message: Extract<AIChatMessage, { role: 'assistant' }>,
  text: string,
  idOf: (id: string) => string,
  leaveOut: ChatChanges['leaveOut'],
): string | ContentBlockParam[] {
  const calls = message.toolCalls ?? []
  const given = message.reasoning ?? []
  const thoughts = given.flatMap(renderThought)
  if (thoughts.length < given.length) leaveOut('reasoning', 'this vendor takes back its own sealed thoughts alone')
  if (calls.length === 0 && thoughts.length === 0) return text
  return [
    ...thoughts,
    ...(isBlank(text) ? [] : [{ type: 'text' as const, text }]),
    ...calls.map((call) => ({
      type: 'tool_use' as const,
      id: idOf(call.id),
      name: call.name,
      input: call.arguments ?? {},
    })),
  ]
}

/** A thought without a seal, or with the seal of another, is not the vendor's own: it cannot be sent back. */
function renderThought({ text, id, signature, redacted, sealedBy = 'anthropic' }: AIReasoning): ContentBlockParam[] {
  if (sealedBy !== 'anthropic') return []
  if (redacted !== undefined) return [{ type: 'redacted_thinking', data: redacted }]
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
    // SAFETY: resolveFile lets through the four types that the vendor takes.
    return { type: 'image', source: { type: 'base64', media_type: image.mediaType as 'image/png', data: image.base64 } }
  }
  const file = resolveFile(part.file, 'file', `${at}.file`)
  const title = file.filename === undefined ? {} : { title: file.filename }
  if (file.url !== undefined) return { type: 'document', source: { type: 'url', url: file.url }, ...title }
  return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: file.base64 }, ...title }
}

// ---- prompt cache

/** The mark stands on the last block. */
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
