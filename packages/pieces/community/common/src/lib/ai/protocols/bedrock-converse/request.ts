import type { AIChange, AIChatRequest, AIJsonSchema } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createChanges } from '../shared/changes.ts'
import { isObject } from '../shared/json.ts'
import { CLOSED_SCHEMA } from '../shared/schema.ts'
import { type CachePoint, type ConverseMessage, calledTools, renderConversation, renderSystem } from './messages.ts'
import type { BedrockModel } from './model.ts'

/** A request. AWS's SDK types it with bytes instead of base64. */
export type ConverseBody = {
  messages: ConverseMessage[]
  system?: ({ text: string } | CachePoint)[]
  inferenceConfig?: { maxTokens?: number; temperature?: number; stopSequences?: string[] }
  toolConfig?: { tools: { toolSpec: ToolSpec }[]; toolChoice?: ToolChoice }
  /** Fields of the model's own API. */
  additionalModelRequestFields?: Record<string, unknown>
  outputConfig?: { textFormat: { type: 'json_schema'; structure: { jsonSchema: { name: string; schema: string } } } }
}

type ToolSpec = { name: string; description?: string; inputSchema: { json: AIJsonSchema } }
type ToolChoice = { auto: object } | { any: object } | { tool: { name: string } }

/** Renders a request. Drops what the model does not support, with a warning. */
export function render(
  request: AIChatRequest,
  model: BedrockModel | undefined,
  stream: boolean,
): { body: ConverseBody; changes: AIChange[] } {
  pathOf(request.model, stream) // throws for an invalid model
  const taken = createChanges(request, model)
  const fields = renderThinking(request, model, taken)
  const config = renderConfig(request, fields, taken)
  const { inferenceConfig, additionalModelRequestFields, ...options } = request.advancedOptions ?? {}
  // Merged field by field.
  const inference = isObject(inferenceConfig) ? { ...config, ...inferenceConfig } : config
  const additional = isObject(additionalModelRequestFields) ? { ...fields, ...additionalModelRequestFields } : fields
  const body = {
    messages: renderConversation(request, model, taken),
    ...renderSystem(request.messages, model),
    ...(Object.keys(inference).length > 0 && { inferenceConfig: inference }),
    ...(Object.keys(additional).length > 0 && { additionalModelRequestFields: additional }),
    ...renderTools(request, model, taken, 'thinking' in fields && fields.thinking.type !== 'disabled'),
    ...renderSchema(request, taken),
    ...options,
  }
  return { body, changes: taken.changes }
}

function renderConfig(
  request: AIChatRequest,
  fields: ThinkingFields,
  { take, drop }: ChatChanges,
): NonNullable<ConverseBody['inferenceConfig']> {
  const given = { creativity: take('creativity'), maxTokens: take('maxTokens') }
  const stop = take('stop')
  const atMost = 'reasoningConfig' in fields && fields.reasoningConfig.maxReasoningEffort === 'high'
  const thinks = atMost || ('thinking' in fields && fields.thinking.type !== 'disabled')
  const refused = { creativity: thinks, maxTokens: atMost }
  const kept = (parameter: 'creativity' | 'maxTokens') => {
    const value = given[parameter]
    if (value === undefined || !refused[parameter]) return value
    drop(parameter, `${request.model} does not support it while reasoning${atMost ? ' with high effort' : ''}`)
    return undefined
  }
  const [creativity, maxTokens] = [kept('creativity'), kept('maxTokens')]
  return {
    ...(creativity !== undefined && { temperature: creativity / 100 }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(stop !== undefined && { stopSequences: stop }),
  }
}

type ThinkingFields =
  | Record<string, never>
  | { thinking: { type: string; budget_tokens?: number }; output_config?: { effort: string } }
  | { reasoningConfig: { type: string; maxReasoningEffort?: string } }
  | { reasoning_effort: string }
  | { reasoning_config: string }

/** Converse has no field for reasoning: each model family has its own, and rejects those of others. */
function renderThinking(
  { model: id, maxTokens }: AIChatRequest,
  model: BedrockModel | undefined,
  { takeEffort, drop }: ChatChanges,
): ThinkingFields {
  const effort = takeEffort()
  if (effort === undefined) return {}
  const off = effort === 'none'
  switch (model?.thinking) {
    case 'adaptive':
      return off ? { thinking: { type: 'disabled' } } : { thinking: { type: 'adaptive' }, output_config: { effort } }
    case 'budget': {
      const budget = Math.min(BUDGETS[effort] ?? BUDGETS.high, (maxTokens ?? model.maxOutputTokens ?? BUDGETS.max) - 1)
      if (off) return { thinking: { type: 'disabled' } }
      if (budget >= 1_024) return { thinking: { type: 'enabled', budget_tokens: budget } }
      drop('reasoningEffort', `a maximum of ${maxTokens} tokens leaves none for reasoning`)
      return {}
    }
    case 'nova':
      return { reasoningConfig: off ? { type: 'disabled' } : { type: 'enabled', maxReasoningEffort: effort } }
    case 'reasoning_effort':
    case 'reasoning_config':
      // SAFETY: one of the two fields, both of which take a string.
      return { [model.thinking]: effort } as ThinkingFields
    default:
      drop(
        'reasoningEffort',
        `how ${id} is asked to think is not known here; advancedOptions.additionalModelRequestFields has a place for it`,
      )
      return {}
  }
}

const BUDGETS: Record<string, number> & { high: number; max: number } = {
  minimal: 1_024,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 60_000,
}

/** The schema is sent as text, only to models with `structuredOutput`; others get a forced tool. */
function renderSchema(
  { responseSchema }: AIChatRequest,
  { takeSchema }: ChatChanges,
): Pick<ConverseBody, 'outputConfig'> {
  if (!responseSchema) return {}
  const schema = takeSchema(responseSchema.schema, 'schema', CLOSED_SCHEMA)
  const jsonSchema = { name: responseSchema.name, schema: JSON.stringify(schema) }
  return { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } } }
}

function renderTools(
  request: AIChatRequest,
  model: BedrockModel | undefined,
  { take, drop, note }: ChatChanges,
  thinks: boolean,
): Pick<ConverseBody, 'toolConfig'> {
  const called = calledTools(request.messages)
  const { tools = [] } = request
  if (tools.length === 0) return called.length === 0 ? {} : namedTools(called, note)
  const parallel = take('parallelToolCalls')
  if (parallel === false) drop('parallelToolCalls', 'this vendor cannot limit a response to one call')
  if (parallel) note('note', 'parallelToolCalls', 'parallelToolCalls is the default of this vendor')
  const toolConfig = { tools: tools.map(({ name, description, parameters }) => toSpec(name, description, parameters)) }
  const choice = request.toolChoice
  if (choice === 'none' && called.length === 0) {
    note('changed', 'toolChoice', 'toolChoice none → sent without the tools: this vendor has no such choice')
    return {}
  }
  if (choice === 'none') {
    drop('toolChoice', 'this vendor has no choice `none`, and requires the tools that the conversation has used')
    return { toolConfig }
  }
  if (choice === undefined) return { toolConfig }
  if (choice === 'auto') return { toolConfig: { ...toolConfig, toolChoice: { auto: {} } } }
  if (thinks || model?.refuses?.includes('toolChoice')) {
    drop('toolChoice', `${request.model} cannot be forced to call a tool${thinks ? ' while reasoning' : ''}`)
    return { toolConfig }
  }
  const forced = choice === 'any' ? { any: {} } : { tool: { name: choice.tool } }
  return { toolConfig: { ...toolConfig, toolChoice: forced } }
}

/** The vendor rejects a conversation with tool calls if there are no tools. */
function namedTools(names: readonly string[], note: ChatChanges['note']): Pick<ConverseBody, 'toolConfig'> {
  const message = 'tools set to those that the conversation has used, because the vendor requires them.'
  note('changed', 'tools', message)
  return { toolConfig: { tools: names.map((name) => toSpec(name, undefined, { type: 'object', properties: {} })) } }
}

function toSpec(name: string, description: string | undefined, json: AIJsonSchema): { toolSpec: ToolSpec } {
  return { toolSpec: { name, ...(description && { description }), inputSchema: { json } } }
}

/** Returns the path. The model is one segment, so slashes and colons of an ARN are encoded. */
export function pathOf(model: string, stream: boolean): string {
  if (!/^\w[\w.:-]*(\/\w[\w.:-]*)*$/.test(model)) {
    const message = `model is "${model}"; this vendor allows letters, digits and . _ - : /.`
    throw new AIError({ code: 'invalid-request', message, parameter: 'model' })
  }
  return `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`
}
