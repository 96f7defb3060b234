import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { AnthropicModel } from './model.ts'
import { collect, parse } from './reply.ts'
import { type AnthropicMessagesBody, render } from './request.ts'

/** Options of the Anthropic Messages protocol. */
export type AnthropicMessagesOptions = {
  /** Models of the provider, with what each of them supports. */
  readonly models: readonly AnthropicModel[]
  /** The API requires `max_tokens`; this value is sent for models that the registry does not know. */
  readonly maxTokensOfUnknownModels: number
  /** Sends the body through the vendor's SDK and returns the raw response. */
  readonly create: (body: AnthropicMessagesBody, options: SendOptions) => Promise<Response>
}

/**
 * Chat over Anthropic's Messages API.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export function anthropicMessages({ models, maxTokensOfUnknownModels, create }: AnthropicMessagesOptions): AIChat {
  const modelOf = (id: string) => models.find((known) => known.value === id)
  return createChat({
    path: '/v1/messages',
    render: (request, stream) => render(request, modelOf(request.model), maxTokensOfUnknownModels, stream),
    send: create,
    parse,
    collect,
    structuredOutput: (model) => modelOf(model)?.structuredOutput ?? true,
    webSearch: () => true,
  })
}
