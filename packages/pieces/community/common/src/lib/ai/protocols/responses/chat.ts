import type {
  EasyInputMessage,
  FunctionTool,
  ResponseCreateParamsNonStreaming,
  ResponseCreateParamsStreaming,
  ResponseInputFile,
  ResponseInputImage,
  ResponseInputItem,
  ResponseInputText,
  ResponseReasoningItem,
  ToolChoiceFunction,
  ToolChoiceOptions,
} from 'openai/resources/responses/responses'
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
import { type ChatChanges, createChanges, createIds, leaveOutCacheHints, textOrRefusal } from '../shared/changes.ts'
import { type SendOptions, speak } from '../shared/chat-protocol.ts'
import { resolveFile } from '../shared/files.ts'
import { isObject } from '../shared/json.ts'
import { renderJsonSchema } from '../shared/openai-schema.ts'
import { collect, parse } from './reply.ts'

/** A request of this wire. */
export type ResponsesBody = ResponseCreateParamsNonStreaming | ResponseCreateParamsStreaming

/** What a vendor that speaks OpenAI's Responses has to say of itself. */
export type ResponsesOptions = {
  /** The vendor's models, for what each of them takes. */
  readonly models: readonly AiModel[]
  /** Below the vendor's base URL; `/v1/responses` when absent. */
  readonly path?: string
  /** Sends the body through the vendor's SDK. */
  readonly create: (body: ResponsesBody, options: SendOptions) => Promise<Response>
}

/**
 * The chat of a vendor that speaks OpenAI's Responses. Nothing is stored there: the whole conversation travels with each
 * call, thoughts included.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 */
export function responses({ models, path = '/v1/responses', create }: ResponsesOptions): Required<AIChat> {
  const modelOf = (id: string) => models.find((model) => model.value === id)
  return speak({
    path,
    render: (request, stream) => render(request, modelOf(request.model), stream),
    send: create,
    parse,
    collect,
    structuredOutput: (model) => modelOf(model)?.structuredOutput !== false,
    webSearch: () => true,
  })
}

// ---- ours → wire

/** Renders a call. What the model or the wire has no place for is left out and noted. */
function render(
  request: AIChatRequest,
  model: AiModel | undefined,
  stream: boolean,
): { body: ResponsesBody; changes: AIChange[] } {
  const taken = createChanges(request, model, ['phase'])
  const { take, takeEffort, leaveOut, note, changes } = taken
  const creativity = take('creativity')
  const maxTokens = take('maxTokens')
  if (take('stop') !== undefined) leaveOut('stop', 'this wire has no stop sequences')
  if (maxTokens !== undefined) note('renamed', 'maxTokens', 'maxTokens → max_output_tokens')
  if (creativity !== undefined) note('renamed', 'creativity', 'creativity 0–100 → temperature')
  leaveOutCacheHints(request, taken)
  const schema = renderJsonSchema(request, taken)
  const body = {
    model: request.model,
    input: renderInput(request.messages, model, taken),
    store: false,
    include: ['reasoning.encrypted_content' as const], // without it, thoughts that are not stored could not be sent back
    ...(creativity !== undefined && { temperature: (creativity / 100) * 2 }),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...renderReasoning(takeEffort()),
    ...renderTools(request, take),
    ...(schema && { text: { format: { type: 'json_schema' as const, ...schema } } }),
  }
  const whole = { ...body, ...renderAdvanced(body, taken.takeOptions()) }
  return { body: stream ? { ...whole, stream: true as const } : whole, changes }
}

/** Summaries are all that the wire shows of a thought, and it shows none unless asked. */
function renderReasoning(effort: string | undefined): Pick<ResponseCreateParamsNonStreaming, 'reasoning'> {
  if (effort === undefined) return {}
  // SAFETY: the effort is one that the model is said to know; the SDK's union lags behind the vendors.
  const known = effort as 'high'
  return { reasoning: effort === 'none' ? { effort: known } : { effort: known, summary: 'auto' } }
}

function renderTools(
  request: AIChatRequest,
  take: ChatChanges['take'],
): Pick<ResponseCreateParamsNonStreaming, 'tools' | 'tool_choice' | 'parallel_tool_calls'> {
  const search = request.webSearch ? [{ type: 'web_search' as const }] : []
  if (!request.tools || request.tools.length === 0) return search.length > 0 ? { tools: search } : {}
  const functions = request.tools.map(
    ({ name, description, parameters }): FunctionTool => ({
      type: 'function',
      name,
      ...(description !== undefined && { description }),
      parameters: { ...parameters },
      strict: false, // this wire's default is true, which refuses optional arguments
    }),
  )
  const toolChoice = take('toolChoice')
  const parallel = take('parallelToolCalls')
  return {
    tools: [...functions, ...search],
    ...(toolChoice !== undefined && { tool_choice: renderToolChoice(toolChoice) }),
    ...(parallel !== undefined && { parallel_tool_calls: parallel }),
  }
}

function renderToolChoice(choice: AIToolChoice): ToolChoiceOptions | ToolChoiceFunction {
  if (typeof choice === 'object') return { type: 'function', name: choice.tool }
  return choice === 'any' ? 'required' : choice
}

/** Last, as they are; but `text` and `reasoning` hold several options: one that is given leaves the others in place. */
function renderAdvanced(body: { readonly [field: string]: unknown }, options: Record<string, unknown>) {
  const shared = ['text', 'reasoning'].flatMap((field) => {
    const [ours, theirs] = [body[field], options[field]]
    return isObject(ours) && isObject(theirs) ? [[field, { ...ours, ...theirs }]] : []
  })
  return { ...options, ...Object.fromEntries(shared) }
}

// ---- messages

type InputPart = ResponseInputText | ResponseInputImage | ResponseInputFile

function renderInput(
  messages: readonly AIChatMessage[],
  model: AiModel | undefined,
  changes: ChatChanges,
): ResponseInputItem[] {
  const idOf = createIds()
  return messages.flatMap((message, index): ResponseInputItem[] => {
    const at = `messages[${index}]`
    if (message.role === 'system') {
      return message.content === '' ? [] : [{ role: model?.systemRole ?? 'system', content: message.content }]
    }
    if (message.role === 'user') return [{ role: 'user', content: renderContent(message.content, at) }]
    if (message.role === 'assistant') {
      return renderAssistant(message, textOrRefusal(message, at, changes), idOf, changes.leaveOut)
    }
    return [{ type: 'function_call_output', call_id: idOf(message.toolCallId), output: renderResult(message, at) }]
  })
}

/** Thoughts first: the wire wants them before what they led to, and refuses those that led to nothing. */
function renderAssistant(
  message: Extract<AIChatMessage, { role: 'assistant' }>,
  text: string,
  idOf: (id: string) => string,
  leaveOut: ChatChanges['leaveOut'],
): ResponseInputItem[] {
  const said: EasyInputMessage[] = text
    ? [{ role: 'assistant', content: text, ...(message.phase && { phase: message.phase }) }]
    : []
  const calls = (message.toolCalls ?? []).map((call) => ({
    type: 'function_call' as const,
    call_id: idOf(call.id),
    name: call.name,
    arguments: JSON.stringify(call.arguments ?? {}),
  }))
  const given = message.reasoning ?? []
  const outcome = [...said, ...calls]
  const sealed = outcome.length > 0 ? given.filter(isSealed) : []
  if (sealed.length < given.length) {
    leaveOut(
      'reasoning',
      outcome.length > 0 ? 'this wire takes back its own sealed thoughts alone' : 'it led to nothing',
    )
  }
  return [...renderThoughts(sealed), ...outcome]
}

type SealedThought = AIReasoning & { id: string; signature: string }

/** Thoughts of other wires have no id or no seal. */
function isSealed(thought: AIReasoning): thought is SealedThought {
  const ours = thought.sealedBy === undefined || thought.sealedBy === 'openai'
  return ours && thought.id !== undefined && thought.signature !== undefined
}

/**
 * One item for all parts of a thought's summary. Without its id: the vendor would look for the item that followed it by
 * id, which a conversation of ours no longer has, and answers "provided without its required following item". The seal
 * holds all that the model needs.
 */
function renderThoughts(thoughts: readonly SealedThought[]): ResponseInputItem[] {
  const byId = Map.groupBy(thoughts, (thought) => thought.id)
  return [...byId.values()].map((parts) => {
    const item: Omit<ResponseReasoningItem, 'id'> = {
      type: 'reasoning',
      summary: parts.flatMap(({ text }) => (text === '' ? [] : [{ type: 'summary_text' as const, text }])),
      encrypted_content: parts[0]?.signature ?? '',
    }
    // SAFETY: the SDK types replies and requests alike; in a request without storage the id may be absent.
    return item as ResponseReasoningItem
  })
}

function renderResult(message: Extract<AIChatMessage, { role: 'tool' }>, at: string): string | InputPart[] {
  const content = renderContent(message.content, at)
  if (!message.isError) return content
  return typeof content === 'string' ? `Error: ${content}` : [{ type: 'input_text', text: 'Error:' }, ...content]
}

function renderContent(content: string | AIContentPart[], at: string): string | InputPart[] {
  if (typeof content === 'string') return content
  return content.map((part, index) => renderPart(part, `${at}.content[${index}]`))
}

function renderPart(part: AIContentPart, at: string): InputPart {
  if (part.type === 'text') return { type: 'input_text', text: part.text }
  if (part.type === 'image') {
    const image = resolveFile(part.image, 'image', `${at}.image`)
    const image_url = image.url ?? `data:${image.mediaType};base64,${image.base64}`
    return { type: 'input_image', image_url, detail: 'auto' }
  }
  const file = resolveFile(part.file, 'file', `${at}.file`)
  if (file.url !== undefined) return { type: 'input_file', file_url: file.url }
  const file_data = `data:${file.mediaType};base64,${file.base64}`
  return { type: 'input_file', filename: file.filename ?? 'file.pdf', file_data }
}
