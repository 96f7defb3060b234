import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { collect, parse } from './reply.ts'
import { type ResponsesBody, render } from './request.ts'

/** Options of the Responses protocol. */
export type ResponsesOptions = {
  /** Models of the provider, with what each of them supports. */
  readonly models: readonly OpenaiModel[]
  /** Path below the vendor's base URL. Defaults to `/v1/responses`. */
  readonly path?: string
  /** Sends the body through the vendor's SDK and returns the raw response. */
  readonly create: (body: ResponsesBody, options: SendOptions) => Promise<Response>
}

/**
 * Chat over OpenAI's Responses API. Nothing is stored at the vendor: each call sends the whole conversation, including
 * reasoning.
 *
 * @see https://platform.openai.com/docs/api-reference/responses
 */
export function responses({ models, path = '/v1/responses', create }: ResponsesOptions): Required<AIChat> {
  const modelOf = (id: string) => models.find((model) => model.value === id)
  return createChat({
    path,
    render: (request, stream) => render(request, modelOf(request.model), stream),
    send: create,
    parse,
    collect,
    structuredOutput: (model) => modelOf(model)?.structuredOutput !== false,
    webSearch: () => true,
  })
}
