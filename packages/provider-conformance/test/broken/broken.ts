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

/** A provider with one fault, and the check that has to find it. */
export type BrokenProvider = {
  /** What it does wrong, as a sentence without a subject. */
  readonly fault: string
  readonly caughtBy: string
  readonly entry: AiProviderMetadata
  readonly options?: ConformanceOptions
}

/** Where a fault is put in: before the request is rendered, into the reply, into the parts of a stream, or anywhere. */
export type Fault = {
  readonly request?: (request: AIChatRequest, params: AIFactoryParams) => AIChatRequest
  readonly reply?: (reply: AIChatResponse) => AIChatResponse
  readonly part?: (part: AIChatStreamPart) => readonly AIChatStreamPart[]
  readonly chat?: (chat: AIChat, params: AIFactoryParams) => AIChat
}

/** A good provider of the registry with a fault. */
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
  const asked = (given: AIChatRequest) => request?.(given, params) ?? given
  return {
    ...chat,
    text: async (given) => {
      const good = await chat.text(asked(given))
      return reply?.(good) ?? good
    },
    stream: async function* (given) {
      for await (const good of partsOf(chat, asked(given))) {
        const changed = good.type === 'end' && reply ? { ...good, completion: reply(good.completion) } : good
        yield* part?.(changed) ?? [changed]
      }
    },
  }
}

/** The parts of a stream one by one. */
export async function* partsOf(chat: AIChat, request: AIChatRequest): AsyncGenerator<AIChatStreamPart> {
  for await (const parts of chat.stream?.(request) ?? []) yield* 'type' in parts ? [parts] : parts
}

/** The reply with its first choice changed. */
export function withContent(reply: AIChatResponse, change: (content: string) => string): AIChatResponse {
  return { ...reply, choices: reply.choices.map((choice) => ({ ...choice, content: change(choice.content ?? '') })) }
}
