import type { MessageCreateParams, ToolChoice } from '@anthropic-ai/sdk/resources/messages'
import type { AIChange, AIChatRequest, AIToolChoice } from '../../contract/chat.ts'
import { type ChatChanges, createChanges } from '../shared/changes.ts'
import { CLOSED_SCHEMA } from '../shared/schema.ts'
import { renderMessages, renderSystem } from './messages.ts'
import type { AnthropicModel } from './model.ts'

/** A request. The SDK no longer types `temperature`, which models up to Claude 4.6 still accept. */
export type AnthropicMessagesBody = MessageCreateParams & { temperature?: number }

/** Renders a request. Drops what the model does not support, with a warning. */
export function render(
  request: AIChatRequest,
  model: AnthropicModel | undefined,
  maxTokensOfUnknownModels: number,
  stream: boolean,
): { body: AnthropicMessagesBody; changes: AIChange[] } {
  const taken = createChanges(request, model)
  const { take, takeEffort, drop, note, changes } = taken
  const maxTokens = request.maxTokens ?? model?.maxOutputTokens ?? maxTokensOfUnknownModels
  if (request.maxTokens === undefined && model?.maxOutputTokens === undefined) {
    const message = `maxTokens set to ${maxTokens}: the vendor requires it, and the maximum of ${request.model} is unknown.`
    note('changed', 'maxTokens', message)
  }
  const thinking = renderThinking(takeEffort(), model, maxTokens, drop)
  const thinks = thinking.thinking !== undefined && thinking.thinking.type !== 'disabled'
  const creativity = take('creativity')
  if (creativity !== undefined && thinks) drop('creativity', `${request.model} does not support it while reasoning`)
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
    ...renderTools(request, model, drop, thinks),
    ...taken.takeOptions(),
  }
  return { body: stream ? { ...body, stream: true as const } : body, changes }
}

type Thinking = Pick<MessageCreateParams, 'thinking' | 'output_config'>

/** Newer models take an effort, older ones a token budget that must be below `max_tokens`. */
function renderThinking(
  effort: string | undefined,
  model: AnthropicModel | undefined,
  maxTokens: number,
  drop: ChatChanges['drop'],
): Thinking {
  if (effort === undefined) return {}
  if (effort === 'none') return { thinking: { type: 'disabled' } }
  if (model?.thinking === 'budget') {
    const budget = Math.min(BUDGETS[effort] ?? 8_192, maxTokens - 1)
    if (budget >= 1_024) return { thinking: { type: 'enabled', budget_tokens: budget } }
    drop('reasoningEffort', `a maximum of ${maxTokens} tokens leaves none for reasoning`)
    return {}
  }
  // SAFETY: the model supports this effort.
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
  model: AnthropicModel | undefined,
  drop: ChatChanges['drop'],
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
  if (refused) drop('toolChoice', `${request.model} cannot be forced to call a tool${thinks ? ' while reasoning' : ''}`)
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
