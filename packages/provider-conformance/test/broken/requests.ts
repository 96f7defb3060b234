import type { AIChatMessage, AIChatRequest, AiProviderMetadata } from '@activepieces/pieces-common'
import { type BrokenProvider, withFault } from './broken.ts'

type Content = Extract<AIChatMessage, { role: 'user' }>['content']

/** Providers that send wrong requests. */
export const BROKEN_REQUESTS: readonly BrokenProvider[] = [
  {
    fault: 'sends system text as an assistant message',
    caughtBy: 'R06',
    entry: withFault({
      request: (request) =>
        withMessages(request, (message) =>
          message.role === 'system' ? { role: 'assistant', content: message.content } : message,
        ),
    }),
  },
  {
    fault: 'drops system text',
    caughtBy: 'R06',
    entry: withFault({
      request: (request) => ({ ...request, messages: request.messages.filter(({ role }) => role !== 'system') }),
    }),
  },
  {
    fault: 'declares web search but does not request it',
    caughtBy: 'W01',
    entry: withFault({ request: ({ webSearch: _dropped, ...request }) => request }),
  },
  {
    fault: 'also sends its token in the body',
    caughtBy: 'R03',
    entry: withFault({
      request: (request, { engineToken }) => ({
        ...request,
        advancedOptions: { ...request.advancedOptions, user: engineToken },
      }),
    }),
  },
  {
    fault: 'sends a default temperature if none is set',
    caughtBy: 'R04',
    entry: withFault({ request: (request) => ({ ...request, advancedOptions: { temperature: 0.7 } }) }),
  },
  {
    fault: 'treats a creativity of 0 as unset',
    caughtBy: 'R05',
    entry: withFault({ request: (request) => ({ ...request, creativity: request.creativity || undefined }) }),
  },
  {
    fault: 'sends a parameter that the model rejects',
    caughtBy: 'R05',
    entry: withFault({
      request: (request) => ({
        ...request,
        advancedOptions: { ...(request.creativity !== undefined && { temperature: request.creativity / 50 }) },
      }),
    }),
  },
  {
    fault: 'uses the token limit field that reasoning models reject',
    caughtBy: 'R05 parameters',
    entry: withFault({
      request: ({ maxTokens, ...request }) => ({
        ...request,
        advancedOptions: { ...request.advancedOptions, ...(maxTokens !== undefined && { max_tokens: maxTokens }) },
      }),
    }),
  },
  {
    fault: 'drops the reasoning effort',
    caughtBy: 'R05 reasoning effort',
    entry: withFault({ request: ({ reasoningEffort: _effort, ...request }) => request }),
  },
  {
    fault: 'drops parallelToolCalls',
    caughtBy: 'T07',
    entry: withFault({ request: ({ parallelToolCalls: _parallel, ...request }) => request }),
  },
  {
    fault: 'explains a different request than it sends',
    caughtBy: 'R16',
    entry: withFault({
      chat: (chat) => ({ ...chat, explain: () => ({ method: 'POST', path: '/v1/x', body: {}, changes: [] }) }),
    }),
  },
  {
    fault: 'sends every request twice',
    caughtBy: 'R16',
    entry: withFault({
      chat: (chat) => ({ ...chat, text: (request) => chat.text(request).then(() => chat.text(request)) }),
    }),
  },
  {
    fault: 'reuses the client of the first token',
    caughtBy: 'R03 each AI',
    entry: withFirstToken(),
  },
  {
    fault: 'sends a request when it is created',
    caughtBy: 'S08',
    entry: withFault({
      chat: (chat, { serverUrl }) => {
        void fetch(`${serverUrl}/v1/models`).catch(() => undefined)
        return chat
      },
    }),
  },
  {
    fault: 'sends only the last of several user messages',
    caughtBy: 'R07',
    entry: withFault({ request: (request) => ({ ...request, messages: request.messages.slice(-1) }) }),
  },
  {
    fault: 'trims user messages',
    caughtBy: 'R10',
    entry: withFault({
      request: (request) =>
        withMessages(request, (message) =>
          message.role === 'user' ? { ...message, content: trimmed(message.content) } : message,
        ),
    }),
  },
  {
    fault: 'drops advancedOptions',
    caughtBy: 'R12',
    entry: withFault({ request: (request) => ({ ...request, advancedOptions: undefined }) }),
  },
  {
    fault: 'adds a random value to each request',
    caughtBy: 'R14',
    entry: withFault({
      request: (request) => ({ ...request, advancedOptions: { ...request.advancedOptions, user: `${Math.random()}` } }),
    }),
  },
  {
    fault: 'sends a field that its protocol does not have',
    caughtBy: 'X01',
    entry: withFault({
      request: (request) => ({ ...request, advancedOptions: { ...request.advancedOptions, max_length: 5 } }),
    }),
  },
  {
    fault: 'accepts tools but does not send them',
    caughtBy: 'T01',
    entry: withFault({ request: (request) => ({ ...request, tools: undefined, toolChoice: undefined }) }),
  },
  {
    fault: 'ignores the tool choice',
    caughtBy: 'T07',
    entry: withFault({ request: (request) => ({ ...request, toolChoice: undefined }) }),
  },
  {
    fault: 'does not report failed tools to the model',
    caughtBy: 'T08',
    entry: withFault({
      request: (request) =>
        withMessages(request, (message) => (message.role === 'tool' ? { ...message, isError: false } : message)),
    }),
  },
  {
    fault: 'truncates long ids, so that two are equal',
    caughtBy: 'T09',
    entry: withFault({
      request: (request) =>
        withMessages(request, (message) => {
          if (message.role === 'tool') return { ...message, toolCallId: message.toolCallId.slice(0, 40) }
          if (message.role !== 'assistant') return message
          return { ...message, toolCalls: message.toolCalls?.map((call) => ({ ...call, id: call.id.slice(0, 40) })) }
        }),
    }),
  },
  {
    fault: 'declares structured output but does not send the schema',
    caughtBy: 'J05',
    entry: withFault({ request: (request) => ({ ...request, responseSchema: undefined }) }),
  },
  {
    fault: 'drops images',
    caughtBy: 'M02',
    entry: withFault({
      request: (request) =>
        withMessages(request, (message) =>
          message.role === 'user' && Array.isArray(message.content)
            ? { ...message, content: message.content.filter(({ type }) => type !== 'image') }
            : message,
        ),
    }),
  },
  {
    fault: 'does not send reasoning and its signature back',
    caughtBy: 'X09',
    entry: withFault(
      {
        request: (request) =>
          withMessages(request, (message) =>
            message.role === 'assistant' ? { ...message, reasoning: undefined } : message,
          ),
      },
      'anthropic',
    ),
  },
  {
    fault: 'sends reasoning back to OpenRouter without its signature',
    caughtBy: 'X09',
    options: { supports: { reasoningSignature: true } },
    entry: withFault(
      {
        request: (request) =>
          withMessages(request, (message) =>
            message.role === 'assistant'
              ? { ...message, reasoning: message.reasoning?.map(({ text }) => ({ text })) }
              : message,
          ),
      },
      'openrouter',
    ),
  },
]

function withFirstToken(): AiProviderMetadata {
  const good = withFault({})
  const made = new Map<string, ReturnType<typeof good.factory>>()
  return {
    ...good,
    factory: (params) => {
      const ai = made.get(params.serverUrl) ?? good.factory(params)
      made.set(params.serverUrl, ai)
      return ai
    },
  }
}

function withMessages(request: AIChatRequest, change: (message: AIChatMessage) => AIChatMessage): AIChatRequest {
  return { ...request, messages: request.messages.map(change) }
}

function trimmed(content: Content): Content {
  return typeof content === 'string' ? content.trim().replaceAll(/\s+/g, ' ') : content
}
