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

/** A request of this wire. */
export type ChatCompletionsBody = ChatCompletionCreateParamsNonStreaming | ChatCompletionCreateParamsStreaming

/** Where a vendor's chat completions are not OpenAI's. */
export type ChatCompletionsQuirks = OpenaiMessageQuirks & {
  /** The field for `maxTokens`; OpenAI's is `max_completion_tokens`. */
  readonly maxTokensField?: 'max_completion_tokens' | 'max_tokens'
  /** The temperature that is creativity 100; OpenAI's is 2. */
  readonly maxTemperature?: number
  /** The vendor has no `response_format` with a JSON schema: a forced tool takes its place. */
  readonly noJsonSchema?: boolean
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
}

/** Renders a call. What the model refuses is left out and noted. */
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
