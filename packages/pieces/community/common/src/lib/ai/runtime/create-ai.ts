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
 * Makes the whole AI of what its author wrote: checks parameters, retries, keeps limits, fills in what a reply lacks,
 * derives what the author left out, and turns whatever is thrown into an AIError.
 *
 * @param provider the registry value, for errors
 * @param models what is known of the provider's models: one that lacks a capability is not asked for it
 */
export function createAI<SDK>(ai: AI<SDK>, provider: string, models: readonly AIModel[] = []): AIClient<SDK> {
  const caller = createCaller(ai, provider)
  const objects = createObjectCaller(ai, caller)
  const prepare = async (params: AIChatCompletionsCreateParams, form: 'whole' | 'stream') =>
    withSearch(await prepared(params, form, provider, models), ai, provider)
  return {
    provider: ai.provider,
    sdk: ai.sdk ?? (() => Promise.reject(cannot(provider, 'offers no SDK'))),
    explain: async (params, { stream = false } = {}) => {
      const request = await prepare(params, stream ? 'stream' : 'whole')
      if (!ai.chat.explain) throw cannot(provider, 'cannot tell what it sends')
      return known(() => ai.chat.explain?.(request, stream), provider, params.model)
    },
    cost: (completion) => costOf(provider, completion),
    chat: {
      text: async (params) => caller.text(await prepare(params, 'whole')),
      stream: (params) => flatten(streaming(caller, () => prepare(params, 'stream'))),
      object: async (params) => {
        const { schema: _schema, name: _name, ...rest } = checkedObject(params, provider)
        return objects.object(await prepare(rest, 'whole'), params)
      },
      objectStream: async function* (params) {
        const { schema: _schema, name: _name, ...rest } = checkedObject(params, provider)
        yield* objects.stream(await prepare(rest, 'stream'), params)
      },
      run: async function* (params) {
        const { maxSteps: _maxSteps, ...rest } = checkedRun(params, provider)
        const tools = rest.tools.map(withoutExecute)
        yield* runTools(caller, await prepare({ ...rest, tools }, 'stream'), params, provider)
      },
    },
    ...createMedia(ai, { provider, models }),
  }
}

async function* streaming(caller: Caller, prepare: () => Promise<AIChatRequest>) {
  yield* caller.stream(await prepare())
}

/** Checks the parameters and makes JSON schemas of the tools' zod ones. */
async function prepared(
  params: AIChatCompletionsCreateParams,
  form: 'whole' | 'stream',
  provider: string,
  models: readonly AIModel[],
): Promise<AIChatRequest> {
  try {
    validateChatParams(params, form)
    validateModel(params.model, 'text', models)
    const { tools = [], ...rest } = params
    return tools.length === 0 ? rest : { ...rest, tools: await Promise.all(tools.map(toDefinition)) }
  } catch (error) {
    throw toAIError(error, { provider, model: modelOf(params) })
  }
}

/** @throws AIError `unsupported` where the vendor cannot search the web */
function withSearch<SDK>(request: AIChatRequest, { chat }: AI<SDK>, provider: string): AIChatRequest {
  const { webSearch, ...rest } = request
  if (!webSearch) return rest
  if (chat.webSearch?.(request.model)) return request
  const message = `webSearch: the provider ${provider} has no search of the web for ${request.model}.`
  throw new AIError({ code: 'unsupported', message, parameter: 'webSearch', provider, model: request.model })
}

async function toDefinition({ name, description, parameters }: AITool, index: number): Promise<AIToolDefinition> {
  const given = parameters === undefined ? { properties: {} } : await toJsonSchema(parameters)
  const schema = given['type'] === undefined && 'properties' in given ? { type: 'object', ...given } : given
  if (schema['type'] === 'object') return { name, description, parameters: schema }
  // Arguments are named, so every vendor refuses any other root, each in words of its own.
  const field = `tools[${index}].parameters`
  const came = typeof schema['type'] === 'string' ? `of type ${schema['type']}` : 'of no single type'
  const message = `${field} is ${came} at its root; allowed is a schema of type object.`
  throw new AIError({ code: 'invalid-request', message, parameter: field })
}

function withoutExecute({ execute: _execute, ...tool }: AIChatRunParams['tools'][number]): AITool {
  return tool
}

function checkedObject<Value>(params: AIChatObjectParams<Value>, provider: string): AIChatObjectParams<Value> {
  if (typeof params?.schema === 'object' && params.schema !== null) return params
  throw wrong(provider, 'schema', 'schema is missing; allowed is a zod schema or a JSON schema.')
}

function checkedRun(params: AIChatRunParams, provider: string): AIChatRunParams {
  const { maxSteps = 1, tools } = params
  if (!Number.isInteger(maxSteps) || maxSteps < 1 || maxSteps > 100) {
    throw wrong(provider, 'maxSteps', `maxSteps is ${maxSteps}; allowed is a whole number from 1 to 100.`)
  }
  const index = (tools ?? []).findIndex((tool) => typeof tool?.execute !== 'function')
  if (Array.isArray(tools) && index < 0) return params
  const field = Array.isArray(tools) ? `tools[${index}].execute` : 'tools'
  throw wrong(
    provider,
    field,
    `${field} is missing; allowed is ${Array.isArray(tools) ? 'a function' : 'a list of tools'}.`,
  )
}

function wrong(provider: string, parameter: string, message: string): AIError {
  return new AIError({ code: 'invalid-request', message, parameter, provider })
}

function cannot(provider: string, what: string): AIError {
  return new AIError({ code: 'unsupported', message: `The provider ${provider} ${what}.`, provider })
}

function known<T>(make: () => T | undefined, provider: string, model: string): T {
  try {
    const made = make()
    if (made !== undefined) return made
  } catch (error) {
    throw toAIError(error, { provider, model })
  }
  throw cannot(provider, 'cannot tell what it sends')
}

function modelOf(params: unknown): string | undefined {
  const model: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'model') : undefined
  return typeof model === 'string' ? model : undefined
}
