import type { OpenAI } from 'openai'
import type { AIChatRequest } from '../../contract/chat.ts'
import type { AIChat, AIFactory, AIFactoryParams } from '../../contract/registry.ts'
import { chatCompletions } from '../chat-completions/chat.ts'
import type { ChatCompletionsQuirks } from '../chat-completions/request.ts'
import { type MediaQuirks, openaiMedia } from '../openai-media/media.ts'
import { responses } from '../responses/chat.ts'
import { once } from '../shared/once.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { vendorModels } from '../shared/vendor-models.ts'

/** A vendor that speaks chat completions: who it is, and where it differs from OpenAI. */
export type OpenAiCompatible = {
  /** The vendor's name, in capitals by custom. */
  readonly provider: string
  readonly models: readonly OpenaiModel[]
  /** Below the connection's base URL, before `/chat/completions`; `/v1` when absent. */
  readonly path?: string
  readonly quirks?: ChatCompletionsQuirks
  /** It searches the web by Responses alone: a call that asks for it goes there. */
  readonly searchesByResponses?: true
  /** Its list of models names none that this connection can be asked for, or it has no list. */
  readonly noModelList?: true
  /** What it has besides chat, and where that is not as OpenAI has it; what a model is listed for is there anyway. */
  readonly media?: MediaQuirks
}

/**
 * The factory of a vendor that speaks chat completions, on the official OpenAI SDK. Models that say `wire: 'responses'`
 * are asked by OpenAI's newer wire; a model that the registry does not know, by chat completions.
 *
 * @example export const groq = openaiCompatible({ provider: 'GROQ', models: groqModels })
 */
export function openaiCompatible({
  provider,
  models,
  path = '/v1',
  quirks = {},
  media = {},
  searchesByResponses,
  noModelList,
}: OpenAiCompatible): AIFactory<OpenAI> {
  return (params) => {
    const sdk = openaiSdk(params, path)
    const completions = chatCompletions({
      models,
      path: `${path}/chat/completions`,
      quirks,
      create: async (body, options) => (await sdk()).chat.completions.create(body, options).asResponse(),
    })
    const newer = responses({
      models,
      path: `${path}/responses`,
      create: async (body, options) => (await sdk()).responses.create(body, options).asResponse(),
    })
    const protocolOf = (model: string) => models.find(({ value }) => value === model)?.protocol
    const chat = chatByRequest(completions, ({ model, webSearch }) =>
      protocolOf(model) === 'responses' || (webSearch && searchesByResponses) ? newer : completions,
    )
    const list = vendorModels({
      get: async (query, options) => (await sdk()).get('/models', { query, ...options }),
      cursor: 'after',
    })
    return { provider, sdk, chat, ...(noModelList ? {} : { models: list }), ...openaiMedia(sdk, models, media) }
  }
}

/** One chat of several, each of which serves some of the models, or what they are asked for. @param usual the main one */
function chatByRequest(
  usual: Required<AIChat>,
  chatOf: (asked: Pick<AIChatRequest, 'model' | 'webSearch'>) => Required<AIChat>,
): AIChat {
  return {
    imageInput: usual.imageInput,
    text: (request) => chatOf(request).text(request),
    stream: (request) => chatOf(request).stream(request),
    structuredOutput: (model) => chatOf({ model }).structuredOutput(model),
    webSearch: (model) => chatOf({ model, webSearch: true }).webSearch(model),
    explain: (request, stream) => chatOf(request).explain(request, stream),
  }
}

/** OpenAI's client, pointed at our proxy, with the engine token as its only credential; loaded when it is first used. */
function openaiSdk({ serverUrl, engineToken }: AIFactoryParams, path: string): () => Promise<OpenAI> {
  return once(async () => {
    const [{ OpenAI }, { httpFetch }] = await Promise.all([import('openai'), import('../shared/http-fetch.ts')])
    return new OpenAI({
      baseURL: `${serverUrl}${path}`,
      apiKey: engineToken,
      adminAPIKey: null,
      organization: null,
      project: null,
      maxRetries: 0, // runtime/retry.ts retries: it knows what has been delivered
      fetch: httpFetch,
      logLevel: 'off', // the SDK would print what it cannot parse
    })
  })
}
