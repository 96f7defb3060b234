import type {
  AIChatCompletionsCreateParams,
  AIChatObjectParams,
  AIChatRequest,
  AIChatRunParams,
  AITool,
  AIToolDefinition,
} from '../contract/chat.ts'
import type { AIClient } from '../contract/client.ts'
import type { AIModel } from '../contract/model.ts'
import type { AI } from '../contract/registry.ts'
import { AIError } from '../errors/ai-error.ts'
import { toAIError } from '../errors/read.ts'
import { toJsonSchema } from '../protocols/shared/schema.ts'
import { type Caller, createCaller } from './call.ts'
import { costOf } from './cost.ts'
import { flatten } from './flatten.ts'
import { createMedia } from './media.ts'
import { createObjectCaller } from './structured-output.ts'
import { runTools } from './tool-loop.ts'
import { validateChatParams, validateModel } from './validate.ts'

/**
 * Creates the client of a provider: validates parameters, retries, enforces timeouts, fills in completions, derives what the
 * provider does not implement, and converts whatever is thrown to an AIError.
 *
 * @param provider registry value, for errors
 * @param models known models of the provider; a model that lacks a capability is refused before anything is sent
 */
export function createAI<SDK>(ai: AI<SDK>, provider: string, models: readonly AIModel[] = []): AIClient<SDK> {
  const caller = createCaller(ai, provider)
  const objects = createObjectCaller(ai, caller)
  const prepare = async (params: AIChatCompletionsCreateParams, mode: 'text' | 'stream') =>
    withSearch(await prepared(params, mode, provider, models), ai, provider)
  return {
    provider: ai.provider,
    sdk: ai.sdk ?? (() => Promise.reject(unsupported(provider, 'has no SDK'))),
    explain: async (params, { stream = false } = {}) => {
      const request = await prepare(params, stream ? 'stream' : 'text')
      if (!ai.chat.explain) throw unsupported(provider, 'does not implement explain')
      return explained(() => ai.chat.explain?.(request, stream), provider, params.model)
    },
    cost: (completion) => costOf(provider, completion),
    chat: {
      text: async (params) => caller.text(await prepare(params, 'text')),
      stream: (params) => flatten(streaming(caller, () => prepare(params, 'stream'))),
      object: async (params) => {
        const { schema: _schema, name: _name, ...rest } = validateObjectParams(params, provider)
        return objects.object(await prepare(rest, 'text'), params)
      },
      objectStream: async function* (params) {
        const { schema: _schema, name: _name, ...rest } = validateObjectParams(params, provider)
        yield* objects.stream(await prepare(rest, 'stream'), params)
      },
      run: async function* (params) {
        const { maxSteps: _maxSteps, ...rest } = validateRunParams(params, provider)
        const tools = rest.tools.map(toTool)
        yield* runTools(caller, await prepare({ ...rest, tools }, 'stream'), params, provider)
      },
    },
    ...createMedia(ai, { provider, models }),
  }
}

async function* streaming(caller: Caller, prepare: () => Promise<AIChatRequest>) {
  yield* caller.stream(await prepare())
}

/** Validates the parameters and converts zod schemas of tools to JSON schemas. */
async function prepared(
  params: AIChatCompletionsCreateParams,
  mode: 'text' | 'stream',
  provider: string,
  models: readonly AIModel[],
): Promise<AIChatRequest> {
  try {
    validateChatParams(params, mode)
    validateModel(params.model, 'text', models)
    const { tools = [], ...rest } = params
    return tools.length === 0 ? rest : { ...rest, tools: await Promise.all(tools.map(toDefinition)) }
  } catch (error) {
    throw toAIError(error, { provider, model: modelOf(params) })
  }
}

/** @throws AIError `unsupported` if the vendor cannot search the web */
function withSearch<SDK>(request: AIChatRequest, { chat }: AI<SDK>, provider: string): AIChatRequest {
  const { webSearch, ...rest } = request
  if (!webSearch) return rest
  if (chat.webSearch?.(request.model)) return request
  const message = `webSearch: the provider ${provider} does not support web search for ${request.model}.`
  throw new AIError({ code: 'unsupported', message, parameter: 'webSearch', provider, model: request.model })
}

async function toDefinition({ name, description, parameters }: AITool, index: number): Promise<AIToolDefinition> {
  const given = parameters === undefined ? { properties: {} } : await toJsonSchema(parameters)
  const schema = given['type'] === undefined && 'properties' in given ? { type: 'object', ...given } : given
  if (schema['type'] === 'object') return { name, description, parameters: schema }
  // Every vendor rejects any other root.
  const field = `tools[${index}].parameters`
  const came = typeof schema['type'] === 'string' ? `of type ${schema['type']}` : 'of no single type'
  const message = `${field} is ${came} at its root; expected a schema of type object.`
  throw new AIError({ code: 'invalid-request', message, parameter: field })
}

function toTool({ execute: _execute, ...tool }: AIChatRunParams['tools'][number]): AITool {
  return tool
}

function validateObjectParams<Value>(params: AIChatObjectParams<Value>, provider: string): AIChatObjectParams<Value> {
  if (typeof params?.schema === 'object' && params.schema !== null) return params
  throw invalidRequest(provider, 'schema', 'schema is missing; expected a zod schema or a JSON schema.')
}

function validateRunParams(params: AIChatRunParams, provider: string): AIChatRunParams {
  const { maxSteps = 1, tools } = params
  if (!Number.isInteger(maxSteps) || maxSteps < 1 || maxSteps > 100) {
    throw invalidRequest(provider, 'maxSteps', `maxSteps is ${maxSteps}; expected an integer from 1 to 100.`)
  }
  const index = (tools ?? []).findIndex((tool) => typeof tool?.execute !== 'function')
  if (Array.isArray(tools) && index < 0) return params
  const field = Array.isArray(tools) ? `tools[${index}].execute` : 'tools'
  throw invalidRequest(
    provider,
    field,
    `${field} is missing; expected ${Array.isArray(tools) ? 'a function' : 'a list of tools'}.`,
  )
}

function invalidRequest(provider: string, parameter: string, message: string): AIError {
  return new AIError({ code: 'invalid-request', message, parameter, provider })
}

function unsupported(provider: string, what: string): AIError {
  return new AIError({ code: 'unsupported', message: `The provider ${provider} ${what}.`, provider })
}

function explained<T>(make: () => T | undefined, provider: string, model: string): T {
  try {
    const made = make()
    if (made !== undefined) return made
  } catch (error) {
    throw toAIError(error, { provider, model })
  }
  throw unsupported(provider, 'does not implement explain')
}

function modelOf(params: unknown): string | undefined {
  const model: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'model') : undefined
  return typeof model === 'string' ? model : undefined
}
