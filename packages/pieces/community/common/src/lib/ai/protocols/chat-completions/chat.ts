import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { collect, parse } from './reply.ts'
import { type ChatCompletionsBody, type ChatCompletionsQuirks, render } from './request.ts'

/** Options of the chat completions protocol. */
export type ChatCompletionsOptions = {
  /** Models of the provider, with what each of them supports. */
  readonly models: readonly OpenaiModel[]
  /** Path below the vendor's base URL. Defaults to `/v1/chat/completions`. */
  readonly path?: string
  readonly quirks?: ChatCompletionsQuirks
  /** Sends the body through the vendor's SDK and returns the raw response. */
  readonly create: (body: ChatCompletionsBody, options: SendOptions) => Promise<Response>
}

/**
 * Chat over OpenAI's chat completions API.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */
export function chatCompletions({
  models,
  path = '/v1/chat/completions',
  quirks = {},
  create,
}: ChatCompletionsOptions): Required<AIChat> {
  const modelOf = (id: string) => models.find((model) => model.value === id)
  return createChat({
    path,
    render: (request, stream) => render(request, modelOf(request.model), quirks, stream),
    send: create,
    parse: (reply) => parse(reply, quirks),
    collect: () => collect(quirks),
    structuredOutput: (model) => !quirks.noJsonSchema && modelOf(model)?.structuredOutput !== false,
    imageInput: !quirks.noParts?.includes('image'),
    webSearch: () => quirks.webSearch !== undefined,
  })
}
