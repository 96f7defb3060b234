import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { AnthropicModel } from './model.ts'
import { collect, parse } from './reply.ts'
import { type AnthropicMessagesBody, render } from './request.ts'

/** What a vendor that speaks Anthropic's messages has to say of itself. */
export type AnthropicMessagesOptions = {
  /** The vendor's models, for what each of them takes. */
  readonly models: readonly AnthropicModel[]
  /** The wire demands a maximum: this one is sent for a model that the registry does not know. */
  readonly maxTokensOfUnknownModels: number
  /** Sends the body through the vendor's SDK. */
  readonly create: (body: AnthropicMessagesBody, options: SendOptions) => Promise<Response>
}

/**
 * The chat of a vendor that speaks Anthropic's messages.
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
