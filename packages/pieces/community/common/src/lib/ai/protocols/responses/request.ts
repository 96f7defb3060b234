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

/** A request of this wire. */
export type ResponsesBody = ResponseCreateParamsNonStreaming | ResponseCreateParamsStreaming

/** Renders a call. What the model or the wire has no place for is left out and noted. */
export function render(
  request: AIChatRequest,
  model: OpenaiModel | undefined,
  stream: boolean,
): { body: ResponsesBody; changes: AIChange[] } {
  const taken = createChanges(request, model, ['phase'])
  const { take, takeEffort, drop, note, changes } = taken
  const creativity = take('creativity')
  const maxTokens = take('maxTokens')
  if (take('stop') !== undefined) drop('stop', 'this wire has no stop sequences')
  if (maxTokens !== undefined) note('renamed', 'maxTokens', 'maxTokens → max_output_tokens')
  if (creativity !== undefined) note('renamed', 'creativity', 'creativity 0–100 → temperature')
  dropCacheHints(request, taken)
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
