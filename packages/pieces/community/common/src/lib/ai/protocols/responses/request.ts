import type {
  FunctionTool,
  ResponseCreateParamsNonStreaming,
  ResponseCreateParamsStreaming,
  ToolChoiceFunction,
  ToolChoiceOptions,
} from 'openai/resources/responses/responses'
import type { AIChange, AIChatRequest, AIToolChoice } from '../../contract/chat.ts'
import { type ChatChanges, createChanges, dropCacheHints } from '../shared/changes.ts'
import { isObject } from '../shared/json.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { renderJsonSchema } from '../shared/openai-schema.ts'
import { renderInput } from './messages.ts'

/** A request. */
export type ResponsesBody = ResponseCreateParamsNonStreaming | ResponseCreateParamsStreaming

/** Renders a request. Drops what the model or the protocol does not support, with a warning. */
export function render(
  request: AIChatRequest,
  model: OpenaiModel | undefined,
  stream: boolean,
): { body: ResponsesBody; changes: AIChange[] } {
  const taken = createChanges(request, model, ['phase'])
  const { take, takeEffort, drop, note, changes } = taken
  const creativity = take('creativity')
  const maxTokens = take('maxTokens')
  if (take('stop') !== undefined) drop('stop', 'this API has no stop sequences')
  if (maxTokens !== undefined) note('renamed', 'maxTokens', 'maxTokens → max_output_tokens')
  if (creativity !== undefined) note('renamed', 'creativity', 'creativity 0–100 → temperature')
  dropCacheHints(request, taken)
  const schema = renderJsonSchema(request, taken)
  const body = {
    model: request.model,
    input: renderInput(request.messages, model, taken),
    store: false,
    include: ['reasoning.encrypted_content' as const], // required to send back reasoning that is not stored
    ...(creativity !== undefined && { temperature: (creativity / 100) * 2 }),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...renderReasoning(takeEffort()),
    ...renderTools(request, take),
    ...(schema && { text: { format: { type: 'json_schema' as const, ...schema } } }),
  }
  const merged = { ...body, ...renderAdvanced(body, taken.takeOptions()) }
  return { body: stream ? { ...merged, stream: true as const } : merged, changes }
}

/** The API only returns summaries of reasoning, and only on request. */
function renderReasoning(effort: string | undefined): Pick<ResponseCreateParamsNonStreaming, 'reasoning'> {
  if (effort === undefined) return {}
  // SAFETY: the model supports this effort; the SDK's union lags behind the vendors.
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
      strict: false, // the default true rejects optional arguments
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

/** Merges advanced options last; `text` and `reasoning` are merged field by field. */
function renderAdvanced(body: { readonly [field: string]: unknown }, options: Record<string, unknown>) {
  const shared = ['text', 'reasoning'].flatMap((field) => {
    const [ours, theirs] = [body[field], options[field]]
    return isObject(ours) && isObject(theirs) ? [[field, { ...ours, ...theirs }]] : []
  })
  return { ...options, ...Object.fromEntries(shared) }
}
