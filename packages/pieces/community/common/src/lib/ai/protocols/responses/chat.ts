import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'
import { collect, parse } from './reply.ts'
import { type ResponsesBody, render } from './request.ts'

/** What a vendor that speaks OpenAI's Responses has to say of itself. */
export type ResponsesOptions = {
  /** The vendor's models, for what each of them takes. */
  readonly models: readonly OpenaiModel[]
  /** Below the vendor's base URL; `/v1/responses` when absent. */
  readonly path?: string
  /** Sends the body through the vendor's SDK. */
  readonly create: (body: ResponsesBody, options: SendOptions) => Promise<Response>
}

/**
 * The chat of a vendor that speaks OpenAI's Responses. Nothing is stored there: the whole conversation travels with each
 * call, thoughts included.
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
