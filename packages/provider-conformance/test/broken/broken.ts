import {
  type AIChat,
  type AIChatRequest,
  type AIChatResponse,
  type AIChatStreamPart,
  type AIFactoryParams,
  type AiProvider,
  type AiProviderMetadata,
  AiProviders,
} from '@activepieces/pieces-common'
import type { ConformanceOptions } from '../../src/check.ts'

/** A provider with one fault, and the check that must find it. */
export type BrokenProvider = {
  /** What the provider does wrong, as a sentence without a subject. */
  readonly fault: string
  readonly caughtBy: string
  readonly entry: AiProviderMetadata
  readonly options?: ConformanceOptions
}

/** Where a fault is injected: into the request, the reply, the parts of a stream, or the whole chat. */
export type Fault = {
  readonly request?: (request: AIChatRequest, params: AIFactoryParams) => AIChatRequest
  readonly reply?: (reply: AIChatResponse) => AIChatResponse
  readonly part?: (part: AIChatStreamPart) => readonly AIChatStreamPart[]
  readonly chat?: (chat: AIChat, params: AIFactoryParams) => AIChat
}

/** Creates a copy of a correct provider with a fault. */
export function withFault(fault: Fault, provider: AiProvider = 'openai'): AiProviderMetadata {
  const entry: AiProviderMetadata = AiProviders.find(({ value }) => value === provider) ?? AiProviders[0]
  return {
    ...entry,
    value: 'broken',
    factory: (params) => {
      const ai = entry.factory(params)
      const chat = faulty(ai.chat, fault, params)
      return { ...ai, chat: fault.chat?.(chat, params) ?? chat }
    },
  }
}

function faulty(chat: AIChat, { request, reply, part }: Fault, params: AIFactoryParams): AIChat {
  const asked = (original: AIChatRequest) => request?.(original, params) ?? original
  return {
    ...chat,
    text: async (original) => {
      const good = await chat.text(asked(original))
      return reply?.(good) ?? good
    },
    stream: async function* (original) {
      for await (const good of partsOf(chat, asked(original))) {
        const changed = good.type === 'end' && reply ? { ...good, completion: reply(good.completion) } : good
        yield* part?.(changed) ?? [changed]
      }
    },
  }
}

/** Yields the parts of a stream one by one. */
export async function* partsOf(chat: AIChat, request: AIChatRequest): AsyncGenerator<AIChatStreamPart> {
  for await (const parts of chat.stream?.(request) ?? []) yield* 'type' in parts ? [parts] : parts
}

/** Returns the reply with changed content. */
export function withContent(reply: AIChatResponse, change: (content: string) => string): AIChatResponse {
  return { ...reply, choices: reply.choices.map((choice) => ({ ...choice, content: change(choice.content ?? '') })) }
}
