import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { AIChange, AIChatRequest, AIJsonSchema } from '../../contract/chat.ts'
import type { AIModel } from '../../contract/model.ts'
import { type ChatChanges, createChanges, dropCacheHints, textOrRefusal } from '../shared/changes.ts'
import { renderMessages } from '../shared/openai-messages.ts'
import { withoutParts } from '../shared/parts.ts'
import { CLOSED_SCHEMA, type StrictDialect } from '../shared/schema.ts'

/** A request. Typed here, because the vendor's SDK only types its own methods. */
export type CohereBody = {
  model: string
  messages: CohereMessage[]
  stream: boolean
  temperature?: number
  max_tokens?: number
  stop_sequences?: string[]
  thinking?: { type: 'enabled'; token_budget: number } | { type: 'disabled' }
  tools?: { type: 'function'; function: { name: string; description?: string; parameters: AIJsonSchema } }[]
  tool_choice?: 'REQUIRED' | 'NONE'
  response_format?: { type: 'json_object'; json_schema: AIJsonSchema }
}

/** OpenAI's messages, plus a plan for tool calls, and reasoning as parts of the content. */
type CohereMessage =
  | Exclude<ChatCompletionMessageParam, { role: 'assistant' }>
  | {
      role: 'assistant'
      content?: unknown
      tool_calls?: unknown
      /** The model's plan for its tool calls. */
      tool_plan?: string
    }

/** Renders a request. Drops what the model does not support, with a warning. */
export function render(
  request: AIChatRequest,
  model: AIModel | undefined,
  stream: boolean,
): { body: CohereBody; changes: AIChange[] } {
  const taken = createChanges(request, model)
  const { take, changes } = taken
  dropCacheHints(request, taken)
  const creativity = take('creativity')
  const maxTokens = take('maxTokens')
  const stop = take('stop')
  const body = {
    model: request.model,
    messages: messagesOf(request, model, taken),
    ...(creativity !== undefined && { temperature: creativity / 100 }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stop !== undefined && { stop_sequences: stop }),
    ...renderThinking(taken.takeEffort()),
    ...renderTools(request, taken),
    ...renderSchema(request, taken),
    ...taken.takeOptions(),
    stream,
  }
  return { body, changes }
}

/** Renders the effort as a token budget. Without an effort, the vendor's default applies. */
function renderThinking(effort: string | undefined): Pick<CohereBody, 'thinking'> {
  if (effort === undefined) return {}
  if (effort === 'none') return { thinking: { type: 'disabled' } }
  return { thinking: { type: 'enabled', token_budget: BUDGETS[effort] ?? BUDGETS.high } }
}

const BUDGETS: Record<string, number> & { high: number } = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
}

/** Removes unsupported keywords from the schema; the value is validated afterwards anyway. */
function renderSchema(
  { responseSchema }: AIChatRequest,
  { takeSchema }: ChatChanges,
): Pick<CohereBody, 'response_format'> {
  if (!responseSchema) return {}
  const json_schema = takeSchema(responseSchema.schema, 'schema', DIALECT)
  return { response_format: { type: 'json_object', json_schema } }
}

/** An object needs a required property, so all are. @see https://docs.cohere.com/docs/structured-outputs#schema-constraints */
const DIALECT: StrictDialect = {
  ...CLOSED_SCHEMA,
  allRequired: true,
  oneOfAsAnyOf: true,
  formats: ['date-time', 'uuid', 'date', 'time'],
}

function renderTools(
  request: AIChatRequest,
  { take, drop, note }: ChatChanges,
): Pick<CohereBody, 'tools' | 'tool_choice'> {
  if (!request.tools || request.tools.length === 0) return {}
  const parallel = take('parallelToolCalls')
  if (parallel === false) drop('parallelToolCalls', 'this vendor cannot limit a response to one call')
  if (parallel) note('note', 'parallelToolCalls', 'parallelToolCalls is the default of this vendor')
  const choice = take('toolChoice')
  const named = typeof choice === 'object' ? choice.tool : undefined
  if (named !== undefined) {
    const message = `toolChoice → REQUIRED, with ${named} as the only tool, because the vendor has no named choice`
    note('changed', 'toolChoice', message)
  }
  const tools = request.tools
    .filter(({ name }) => named === undefined || name === named)
    .map(({ name, description, parameters }) => ({
      type: 'function' as const,
      function: { name, ...(description !== undefined && { description }), parameters },
    }))
  if (choice === 'auto') note('note', 'toolChoice', 'toolChoice auto is the default of this vendor')
  if (choice === undefined || choice === 'auto') return { tools }
  return { tools, tool_choice: choice === 'none' ? 'NONE' : 'REQUIRED' }
}

/**
 * OpenAI's messages, except for reasoning: it is sent back as it came, as a content part of a reasoning model, or as the plan
 * of another model. Newer models reject a plan (reported by RubyLLM, not verified), so unknown models get neither.
 */
function messagesOf(request: AIChatRequest, model: AIModel | undefined, changes: ChatChanges): CohereMessage[] {
  const { drop } = changes
  const messages = withoutParts(request.messages, ['file'], drop).map((message, index) => {
    if (message.role !== 'assistant') return message
    const { refusal: _refusal, ...rest } = message
    return { ...rest, content: textOrRefusal(message, `messages[${index}]`, changes) }
  })
  return renderMessages(messages, undefined, { reasoningField: 'reasoning' }, drop).map((message) => {
    if (message.role !== 'assistant') return message
    const { reasoning, content, ...rest } = { reasoning: undefined, ...message }
    const said = content === null ? {} : { content: content ?? '' }
    if (reasoning === undefined) return { ...rest, ...said }
    if (model?.reasoningEfforts) {
      const text = said.content ? [{ type: 'text', text: said.content }] : []
      return { ...rest, content: [{ type: 'thinking', thinking: reasoning }, ...text] }
    }
    if (model && message.tool_calls) return { ...rest, ...said, tool_plan: reasoning }
    drop('reasoning', `${request.model} does not accept it back`)
    return { ...rest, ...said }
  })
}
