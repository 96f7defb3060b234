import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { collect, parse } from './reply.ts'
import { type ChatCompletionsBody, type ChatCompletionsQuirks, render } from './request.ts'

/** What a vendor that speaks chat completions has to say of itself. */
export type ChatCompletionsOptions = {
  /** The vendor's models, for what each of them takes. */
  readonly models: readonly OpenaiModel[]
  /** Below the vendor's base URL; `/v1/chat/completions` when absent. */
  readonly path?: string
  readonly quirks?: ChatCompletionsQuirks
  /** Sends the body through the vendor's SDK. */
  readonly create: (body: ChatCompletionsBody, options: SendOptions) => Promise<Response>
}

/**
 * The chat of a vendor that speaks OpenAI's chat completions.
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
