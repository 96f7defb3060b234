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

/** A provider with an OpenAI-compatible API, and how it differs from OpenAI. */
export type OpenAiCompatible = {
  /** Name of the provider, by convention in capitals. */
  readonly provider: string
  readonly models: readonly OpenaiModel[]
  /** Path between the connection's base URL and `/chat/completions`. Defaults to `/v1`. */
  readonly path?: string
  readonly quirks?: ChatCompletionsQuirks
  /** Only the Responses API can search the web: calls with `webSearch` use it. */
  readonly searchesByResponses?: true
  /** The vendor has no list of models, or one that does not apply to this API. */
  readonly noModelList?: true
  /** What the vendor offers besides chat. Capabilities of the models are included anyway. */
  readonly media?: MediaQuirks
}

/**
 * Creates the factory of a provider with an OpenAI-compatible API, on the official OpenAI SDK. Models with
 * `protocol: 'responses'` use the Responses API; all others, including unknown ones, use chat completions.
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

/** Chooses a chat per request. @param fallback the main one */
function chatByRequest(
  fallback: Required<AIChat>,
  chatOf: (asked: Pick<AIChatRequest, 'model' | 'webSearch'>) => Required<AIChat>,
): AIChat {
  return {
    imageInput: fallback.imageInput,
    text: (request) => chatOf(request).text(request),
    stream: (request) => chatOf(request).stream(request),
    structuredOutput: (model) => chatOf({ model }).structuredOutput(model),
    webSearch: (model) => chatOf({ model, webSearch: true }).webSearch(model),
    explain: (request, stream) => chatOf(request).explain(request, stream),
  }
}

/** Loads OpenAI's client on first use, pointed at our proxy, with the engine token as its only credential. */
function openaiSdk({ serverUrl, engineToken }: AIFactoryParams, path: string): () => Promise<OpenAI> {
  return once(async () => {
    const [{ OpenAI }, { httpFetch }] = await Promise.all([import('openai'), import('../shared/http-fetch.ts')])
    return new OpenAI({
      baseURL: `${serverUrl}${path}`,
      apiKey: engineToken,
      adminAPIKey: null,
      organization: null,
      project: null,
      maxRetries: 0, // runtime/retry.ts retries
      fetch: httpFetch,
      logLevel: 'off', // the SDK would log responses that it cannot parse
    })
  })
}
