import type {
  ChatCompletionContentPart,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions'
import type { AIChange, AIChatMessage, AIChatRequest, AIContentPart, AIToolChoice } from '../../contract/chat.ts'
import type { AiModel } from '../../contract/model.ts'
import type { AIChat } from '../../contract/registry.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createChanges, createIds, leaveOutCacheHints, toolResultText } from '../shared/changes.ts'
import { type SendOptions, speak } from '../shared/chat-protocol.ts'
import { resolveFile } from '../shared/files.ts'
import { isObject } from '../shared/json.ts'
import { renderJsonSchema } from '../shared/openai-schema.ts'
import { type PartKind, withoutParts } from '../shared/parts.ts'
import { detailsOf, hasDetails } from './reasoning-details.ts'
import { collect, parse } from './reply.ts'

/** A request of this wire. */
export type ChatCompletionsBody = ChatCompletionCreateParamsNonStreaming | ChatCompletionCreateParamsStreaming

/** Where a vendor's chat completions are not OpenAI's. */
export type ChatCompletionsQuirks = {
  /** The field for `maxTokens`; OpenAI's is `max_completion_tokens`. */
  readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens'
  /** The temperature that is creativity 100; OpenAI's is 2. */
  readonly maxTemperature?: number
  /** The vendor has no `response_format` with a JSON schema: a forced tool takes its place. */
  readonly noJsonSchema?: boolean
  /** The field that takes reasoning back in an assistant message; OpenAI has none. */
  readonly reasoningField?: 'reasoning_content' | 'reasoning'
  /** Thoughts come as a list of details too, some of them sealed, which goes back as it came. */
  readonly reasoningDetails?: boolean
  /** The vendor refuses `stream_options`, or sends usage without it. */
  readonly noStreamOptions?: boolean
  /** Streams end without `[DONE]`: a finish reason means that the reply is whole. */
  readonly endsWithoutDone?: boolean
  /** Some models think aloud, in `<think>` at the head of their text. */
  readonly thinkTags?: boolean
  /** The vendor has no tools: a call with some is refused before it is sent. */
  readonly noTools?: boolean
  /** Parts of a message that the vendor does not take: a call with one is refused before it is sent. */
  readonly noParts?: readonly PartKind[]
  /** What asks the vendor to search the web; `{}` where it always does. Absent: this wire has no search there. */
  readonly webSearch?: Readonly<Record<string, unknown>>
  /** Ids of tool calls have exactly so many letters and digits; others are given such a one. */
  readonly toolCallIdLength?: number
}

/** What a vendor that speaks chat completions has to say of itself. */
export type ChatCompletionsOptions = {
  /** The vendor's models, for what each of them takes. */
  readonly models: readonly AiModel[]
  /** Below the vendor's base URL; `/v1/chat/completions` when absent. */
  readonly path?: string
  readonly quirks?: ChatCompletionsQuirks
  /** Sends the body through the vendor's SDK. */
  readonly create: (body: ChatCompletionsBody, options: SendOptions) => Promise<Response>
}

/**
 * The chat of a vendor that speaks OpenAI's chat completions.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export function chatCompletions({
  models,
  path = '/v1/chat/completions',
  quirks = {},
  create,
}: ChatCompletionsOptions): Required<AIChat> {
  const modelOf = (id: string) => models.find((model) => model.value === id)
  return speak({
    path,
    render: (request, stream) => render(request, modelOf(request.model), quirks, stream),
    send: create,
    parse: (reply) => parse(reply, quirks),
    collect: () => collect(quirks),
    structuredOutput: (model) => !quirks.noJsonSchema && modelOf(model)?.structuredOutput !== false,
    imageInput: !quirks.noParts?.includes('image'),
    webSearch: () => quirks.webSearch !== undefined,
  })
}

// ---- ours → wire

/** Renders a call. What the model refuses is left out and noted. */
function render(
  request: AIChatRequest,
  model: AiModel | undefined,
  quirks: ChatCompletionsQuirks,
  stream: boolean,
): { body: ChatCompletionsBody; changes: AIChange[] } {
  const taken = createChanges(request, model)
  const { take, takeEffort, leaveOut, note, changes } = taken
  const creativity = take('creativity')
  const maxTokens = take('maxTokens')
  const stop = take('stop')
  const effort = takeEffort()
  const maxTokensField = quirks.maxTokensField ?? 'max_completion_tokens'
  if (maxTokens !== undefined) note('renamed', 'maxTokens', `maxTokens → ${maxTokensField}`)
  if (creativity !== undefined) note('renamed', 'creativity', 'creativity 0–100 → temperature')
  leaveOutCacheHints(request, taken)
  if (request.webSearch && Object.keys(quirks.webSearch ?? {}).length === 0) {
    note('note', 'webSearch', 'this vendor always searches the web')
  }
  const json_schema = renderJsonSchema(request, taken)
  const advanced = taken.takeOptions()
  const body = {
    model: request.model,
    messages: renderMessages(withoutParts(request.messages, quirks.noParts ?? [], leaveOut), model, quirks, leaveOut),
    ...(creativity !== undefined && { temperature: (creativity / 100) * (quirks.maxTemperature ?? 2) }),
    ...(maxTokens !== undefined && { [maxTokensField]: maxTokens }),
    ...(stop !== undefined && { stop }),
    // SAFETY: the effort is one that the model is said to know; the SDK's union lags behind the vendors.
    ...(effort !== undefined && { reasoning_effort: effort as 'high' }),
    ...renderTools(request, take, quirks),
    ...(json_schema && { response_format: { type: 'json_schema' as const, json_schema } }),
    ...(request.webSearch && quirks.webSearch),
    ...advanced,
  }
  if (!stream) return { body, changes }
  const given = advanced['stream_options']
  const stream_options = { include_usage: true, ...(isObject(given) && given) }
  return { body: { ...body, ...(!quirks.noStreamOptions && { stream_options }), stream: true as const }, changes }
}

function renderTools(request: AIChatRequest, take: ChatChanges['take'], { noTools }: ChatCompletionsQuirks) {
  if (!request.tools || request.tools.length === 0) return {}
  if (noTools) {
    throw new AIError({ code: 'unsupported', message: 'tools: this vendor has none.', parameter: 'tools' })
  }
  const tools = request.tools.map(
    ({ name, description, parameters }): ChatCompletionTool => ({
      type: 'function',
      function: { name, ...(description !== undefined && { description }), parameters: { ...parameters } },
    }),
  )
  const toolChoice = take('toolChoice')
  const parallel = take('parallelToolCalls')
  return {
    tools,
    ...(toolChoice !== undefined && { tool_choice: renderToolChoice(toolChoice) }),
    ...(parallel !== undefined && { parallel_tool_calls: parallel }),
  }
}

function renderToolChoice(choice: AIToolChoice): ChatCompletionToolChoiceOption {
  if (typeof choice === 'object') return { type: 'function', function: { name: choice.tool } }
  return choice === 'any' ? 'required' : choice
}

// ---- messages

/** The messages of a conversation in the form of this wire, which others have made their own. */
export function renderMessages(
  messages: readonly AIChatMessage[],
  model: AiModel | undefined,
  quirks: ChatCompletionsQuirks,
  leaveOut: ChatChanges['leaveOut'],
): ChatCompletionMessageParam[] {
  const idOf = createIds(quirks.toolCallIdLength)
  const rendered: ChatCompletionMessageParam[] = []
  let pictures: ChatCompletionContentPart[] = []
  messages.forEach((message, index) => {
    if (message.role !== 'tool' && pictures.length > 0) pictures = flush(rendered, pictures)
    if (message.role === 'system') {
      if (message.content !== '') rendered.push({ role: model?.systemRole ?? 'system', content: message.content })
    } else if (message.role === 'user') {
      rendered.push({ role: 'user', content: renderContent(message.content, `messages[${index}]`) })
    } else if (message.role === 'assistant') {
      rendered.push(renderAssistant(message, idOf, quirks, leaveOut))
    } else {
      const text = toolResultText(message.content)
      rendered.push({
        role: 'tool',
        tool_call_id: idOf(message.toolCallId),
        content: message.isError ? `Error: ${text}` : text,
      })
      pictures.push(...picturesOf(message.content, `messages[${index}]`))
    }
  })
  flush(rendered, pictures)
  return rendered
}

/** A tool's result is text alone on this wire: its pictures follow the results in a message of the user. */
function flush(rendered: ChatCompletionMessageParam[], pictures: ChatCompletionContentPart[]): [] {
  if (pictures.length > 0) {
    rendered.push({
      role: 'user',
      content: [{ type: 'text', text: 'The files of the tool results above:' }, ...pictures],
    })
  }
  return []
}

function picturesOf(content: string | AIContentPart[], at: string): ChatCompletionContentPart[] {
  if (typeof content === 'string') return []
  return content.flatMap((part, index) => (part.type === 'text' ? [] : [renderPart(part, `${at}.content[${index}]`)]))
}

function renderAssistant(
  message: Extract<AIChatMessage, { role: 'assistant' }>,
  idOf: (id: string) => string,
  { reasoningField, reasoningDetails }: ChatCompletionsQuirks,
  leaveOut: ChatChanges['leaveOut'],
): ChatCompletionMessageParam {
  const calls = message.toolCalls ?? []
  const thoughts = message.reasoning ?? []
  const own = reasoningDetails ? thoughts.filter(hasDetails) : []
  const others = thoughts.filter((thought) => !own.includes(thought))
  const reasoning = others.map(({ text }) => text).join('')
  if (!reasoningField && others.length > 0) leaveOut('reasoning', 'this API does not accept it back')
  else if (others.some(({ text }) => text === '')) leaveOut('reasoning', 'this API only accepts its text back')
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
    const message = `${at}.file is a URL: this vendor takes the bytes of a file alone.`
    throw new AIError({ code: 'unsupported', message, parameter: `${at}.file` })
  }
  return {
    type: 'file',
    file: { filename: file.filename ?? 'file.pdf', file_data: `data:${file.mediaType};base64,${file.base64}` },
  }
}
