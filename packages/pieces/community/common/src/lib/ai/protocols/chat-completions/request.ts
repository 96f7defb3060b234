import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions'
import type { AIChange, AIChatRequest, AIToolChoice } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createChanges, dropCacheHints } from '../shared/changes.ts'
import { isObject } from '../shared/json.ts'
import { type OpenaiMessageQuirks, renderMessages } from '../shared/openai-messages.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { renderJsonSchema } from '../shared/openai-schema.ts'
import { type PartKind, withoutParts } from '../shared/parts.ts'

/** A request. */
export type ChatCompletionsBody = ChatCompletionCreateParamsNonStreaming | ChatCompletionCreateParamsStreaming

/** How a vendor's chat completions differ from OpenAI's. */
export type ChatCompletionsQuirks = OpenaiMessageQuirks & {
  /** Field for `maxTokens`. Defaults to `max_completion_tokens`. */
  readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens'
  /** Temperature for creativity 100. Defaults to 2. */
  readonly maxTemperature?: number
  /** The vendor does not support a JSON schema as `response_format`; a forced tool is used instead. */
  readonly noJsonSchema?: boolean
  /** The vendor rejects `stream_options`, or sends usage without it. */
  readonly noStreamOptions?: boolean
  /** Streams end without `[DONE]`; a finish reason ends them. */
  readonly endsWithoutDone?: boolean
  /** Some models return reasoning in `<think>` at the start of their text. */
  readonly thinkTags?: boolean
  /** The vendor does not support tools; calls with tools are refused before anything is sent. */
  readonly noTools?: boolean
  /** Message parts that the vendor does not support; calls with them are refused before anything is sent. */
  readonly noParts?: readonly PartKind[]
  /** Request fields that enable web search; `{}` if the vendor always searches. Absent if it cannot. */
  readonly webSearch?: Readonly<Record<string, unknown>>
}

/** Renders a request. Drops what the model does not support, with a warning. */
export function render(
  request: AIChatRequest,
  model: OpenaiModel | undefined,
  quirks: ChatCompletionsQuirks,
  stream: boolean,
): { body: ChatCompletionsBody; changes: AIChange[] } {
  const taken = createChanges(request, model)
  const { take, takeEffort, drop, note, changes } = taken
  const creativity = take('creativity')
  const maxTokens = take('maxTokens')
  const stop = take('stop')
  const effort = takeEffort()
  const maxTokensField = quirks.maxTokensField ?? 'max_completion_tokens'
  if (maxTokens !== undefined) note('renamed', 'maxTokens', `maxTokens → ${maxTokensField}`)
  if (creativity !== undefined) note('renamed', 'creativity', 'creativity 0–100 → temperature')
  dropCacheHints(request, taken)
  if (request.webSearch && Object.keys(quirks.webSearch ?? {}).length === 0) {
    note('note', 'webSearch', 'this vendor always searches the web')
  }
  const json_schema = renderJsonSchema(request, taken)
  const advanced = taken.takeOptions()
  const body = {
    model: request.model,
    messages: renderMessages(withoutParts(request.messages, quirks.noParts ?? [], drop), model, quirks, drop),
    ...(creativity !== undefined && { temperature: (creativity / 100) * (quirks.maxTemperature ?? 2) }),
    ...(maxTokens !== undefined && { [maxTokensField]: maxTokens }),
    ...(stop !== undefined && { stop }),
    // SAFETY: the model supports this effort; the SDK's union lags behind the vendors.
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
    throw new AIError({
      code: 'unsupported',
      message: 'tools: this vendor does not support tools.',
      parameter: 'tools',
    })
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
