import type { AIChange, AIChatRequest, AIJsonSchema } from '../../contract/chat.ts'
import { type ChatChanges, createChanges, dropCacheHints } from '../shared/changes.ts'
import { isObject } from '../shared/json.ts'
import { type GeminiContent, type GeminiPart, renderContents, renderSystem } from './messages.ts'
import type { GeminiModel } from './model.ts'
import { geminiPath } from './path.ts'

/** A request. Typed here, because the vendor's SDK only types its own methods. */
export type GeminiBody = {
  contents: GeminiContent[]
  systemInstruction?: { parts: GeminiPart[] }
  generationConfig?: GeminiConfig
  tools?: ({ functionDeclarations: GeminiFunction[] } | { googleSearch: Record<string, never> })[]
  toolConfig?: { functionCallingConfig: { mode: 'AUTO' | 'ANY' | 'NONE'; allowedFunctionNames?: string[] } }
}

type GeminiFunction = { name: string; description?: string; parametersJsonSchema: AIJsonSchema }

type GeminiConfig = {
  temperature?: number
  maxOutputTokens?: number
  stopSequences?: string[]
  thinkingConfig?: { includeThoughts?: boolean; thinkingLevel?: string; thinkingBudget?: number }
  responseMimeType?: string
  responseJsonSchema?: AIJsonSchema
}

/** Renders a request. Drops what the model does not support, with a warning. */
export function render(
  request: AIChatRequest,
  model: GeminiModel | undefined,
  stream: boolean,
): { body: GeminiBody; changes: AIChange[] } {
  pathOf(request.model, stream) // throws for an invalid model
  const taken = createChanges(request, model, ['signature'])
  dropCacheHints(request, taken)
  const config = renderConfig(request, model, taken)
  const { generationConfig: given, ...options } = request.advancedOptions ?? {}
  // Merged field by field.
  const generationConfig = isObject(given) ? { ...config, ...given } : config
  const body = {
    contents: renderContents(request, model, taken),
    ...renderSystem(request.messages),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
    ...renderTools(request, taken),
    ...options,
  }
  return { body, changes: taken.changes }
}

function renderConfig(request: AIChatRequest, model: GeminiModel | undefined, taken: ChatChanges): GeminiConfig {
  const { take, takeEffort } = taken
  const creativity = take('creativity')
  const maxTokens = take('maxTokens')
  const stop = take('stop')
  return {
    ...(creativity !== undefined && { temperature: creativity / 50 }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(stop !== undefined && { stopSequences: stop }),
    ...renderThinking(takeEffort(), model),
    ...renderSchema(request, taken),
  }
}

/** Gemini 2.5 takes a token budget, later models a level. Without an effort, the vendor's default applies. */
function renderThinking(
  effort: string | undefined,
  model: GeminiModel | undefined,
): Pick<GeminiConfig, 'thinkingConfig'> {
  if (effort === undefined) return {}
  if (effort === 'none') return { thinkingConfig: { thinkingBudget: 0 } }
  if (model?.thinking !== 'budget') {
    return { thinkingConfig: { includeThoughts: true, thinkingLevel: effort.toUpperCase() } }
  }
  return { thinkingConfig: { includeThoughts: true, thinkingBudget: BUDGETS[effort] ?? BUDGETS.high } }
}

/** Within the range of all 2.5 models: 512 to 24,576. */
const BUDGETS: Record<string, number> & { high: number } = {
  minimal: 512,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 24_576,
}

function renderSchema({ responseSchema }: AIChatRequest, { takeSchema }: ChatChanges): GeminiConfig {
  if (!responseSchema) return {}
  const responseJsonSchema = takeSchema(responseSchema.schema, 'schema', DIALECT)
  return { responseMimeType: 'application/json', responseJsonSchema }
}

/** What is neither in the vendor's list nor in a recorded request. @see https://ai.google.dev/gemini-api/docs/structured-output#json-schema-support */
const DIALECT = {
  allRequired: false,
  open: true,
  constAsEnum: true,
  refused: [
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
    'examples',
    'propertyNames',
    'patternProperties',
    'not',
    'if',
    'then',
    'else',
  ],
} as const

function renderTools(
  request: AIChatRequest,
  { take, takeSchema, drop, note }: ChatChanges,
): Pick<GeminiBody, 'tools' | 'toolConfig'> {
  const search = request.webSearch ? [{ googleSearch: {} }] : []
  if (!request.tools || request.tools.length === 0) return search.length > 0 ? { tools: search } : {}
  const parallel = take('parallelToolCalls')
  if (parallel === false) drop('parallelToolCalls', 'this vendor cannot limit a response to one call')
  if (parallel) note('note', 'parallelToolCalls', 'parallelToolCalls is the default of this vendor')
  const functionDeclarations = request.tools.map(({ name, description, parameters }, index) => ({
    name,
    ...(description !== undefined && { description }),
    parametersJsonSchema: takeSchema(parameters, `tools[${index}].parameters`, DIALECT),
  }))
  const choice = take('toolChoice')
  const tools = [{ functionDeclarations }, ...search]
  if (choice === undefined) return { tools }
  if (typeof choice === 'object') {
    return { tools, toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [choice.tool] } } }
  }
  return { tools, toolConfig: { functionCallingConfig: { mode: MODES[choice] } } }
}

const MODES = { auto: 'AUTO', any: 'ANY', none: 'NONE' } as const

/** Returns the path of the operation below the base URL. */
export function pathOf(model: string, stream: boolean): string {
  return geminiPath(model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent')
}
