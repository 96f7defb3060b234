import type { AIModel } from '../../contract/model.ts'
import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import { collect, parse } from './reply.ts'
import { type CohereBody, render } from './request.ts'

/** Options of the Cohere protocol. */
export type CohereOptions = {
  /** Models of the provider, with what each of them supports. */
  readonly models: readonly AIModel[]
  /** Sends the body to `/v2/chat` below the vendor's base URL. */
  readonly send: (body: CohereBody, options: SendOptions, path: string) => Promise<Response>
}

/**
 * Chat over Cohere's Chat API, version 2.
 *
 * @see https://docs.cohere.com/reference/chat
 */
export function cohereChat({ models, send }: CohereOptions): AIChat {
  const modelOf = (id: string) => models.find((known) => known.value === id)
  return createChat({
    path: '/v2/chat',
    render: (request, stream) => render(request, modelOf(request.model), stream),
    send,
    parse,
    collect,
    structuredOutput: (model) => modelOf(model)?.structuredOutput ?? true,
  })
}
