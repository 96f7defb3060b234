import type { AIChat } from '../../contract/registry.ts'
import { createChat, type SendOptions } from '../shared/chat-protocol.ts'
import type { GeminiModel } from './model.ts'
import { collect, parse } from './reply.ts'
import { type GeminiBody, pathOf, render } from './request.ts'

/** Options of the Gemini protocol. */
export type GeminiOptions = {
  /** Models of the provider, with what each of them supports. */
  readonly models: readonly GeminiModel[]
  /** Sends the body to the path below the vendor's base URL. */
  readonly send: (body: GeminiBody, options: SendOptions, path: string) => Promise<Response>
}

/**
 * Chat over Gemini's `generateContent`.
 *
 * @see https://ai.google.dev/api/generate-content
 */
export function geminiContent({ models, send }: GeminiOptions): AIChat {
  const modelOf = (id: string) => models.find((known) => known.value === id)
  return createChat({
    path: ({ model }, stream) => pathOf(model, stream),
    render: (request, stream) => render(request, modelOf(request.model), stream),
    send,
    parse,
    collect,
    structuredOutput: (model) => modelOf(model)?.structuredOutput ?? true,
    webSearch: () => true,
  })
}
