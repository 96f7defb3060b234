import type { AIChat, AIChatRequest, AIChatResponse, AIFactoryParams } from '@activepieces/pieces-common'
import { type BrokenProvider, partsOf, withContent, withFault } from './broken.ts'

/** Providers that return wrong replies. */
export const BROKEN_REPLIES: readonly BrokenProvider[] = [
  {
    fault: 'trims the text',
    caughtBy: 'X03',
    entry: withFault({ reply: (reply) => withContent(reply, (content) => content.trim()) }),
  },
  {
    fault: "drops the vendor's finish reason",
    caughtBy: 'X02',
    entry: withFault({ reply: ({ rawFinishReason: _word, ...reply }) => reply }),
  },
  {
    fault: 'reports every finish reason as stop',
    caughtBy: 'X02',
    entry: withFault({ reply: (reply) => ({ ...reply, finishReason: 'stop' }) }),
  },
  {
    fault: 'mixes reasoning into the text',
    caughtBy: 'X08',
    entry: withFault({ reply: reasoningInText, part: (part) => [asText(part)] }),
  },
  {
    fault: 'reports usage of 0 if the vendor reports none',
    caughtBy: 'U04',
    entry: withFault({
      reply: (reply) => ({ ...reply, usage: { promptTokens: 0, completionTokens: 0, ...reply.usage } }),
    }),
  },
  {
    fault: 'reports usage of zero',
    caughtBy: 'U01',
    entry: withFault({
      reply: (reply) => ({ ...reply, usage: { promptTokens: 0, completionTokens: 0, totalTokens: 0, raw: {} } }),
    }),
  },
  {
    fault: 'adds cached tokens to the prompt tokens',
    caughtBy: 'U05',
    entry: withFault({
      reply: (reply) => ({
        ...reply,
        usage: {
          ...reply.usage,
          promptTokens: (reply.usage?.promptTokens ?? 0) + (reply.usage?.cacheReadTokens ?? 0),
        },
      }),
    }),
  },
  {
    fault: 'returns only the first of several tool calls',
    caughtBy: 'T02',
    entry: withFault({ reply: (reply) => ({ ...reply, toolCalls: reply.toolCalls?.slice(0, 1) ?? [] }) }),
  },
  {
    fault: "leaves a tool call's arguments as text",
    caughtBy: 'T01',
    entry: withFault({
      reply: (reply) => ({
        ...reply,
        toolCalls: (reply.toolCalls ?? []).map((call) => ({ ...call, arguments: JSON.stringify(call.arguments) })),
      }),
    }),
  },
  {
    fault: 'drops the refusal',
    caughtBy: 'J07',
    entry: withFault({
      reply: (reply) => ({
        ...reply,
        choices: reply.choices.map(({ refusal: _words, ...choice }) => choice),
      }),
    }),
  },
]

/** Providers with faulty streams and errors. */
export const BROKEN_STREAMS: readonly BrokenProvider[] = [
  {
    fault: 'reports a truncated stream as complete',
    caughtBy: 'X07',
    entry: withFault({ part: (part) => [part.type === 'end' ? { ...part, completeness: 'complete' } : part] }),
  },
  {
    fault: "accepts another protocol's terminator",
    caughtBy: "X07 another protocol's terminator does not end the stream",
    entry: withFault({ chat: (chat, params) => ({ ...chat, stream: (request) => endedByAny(chat, request, params) }) }),
  },
  {
    fault: 'drops the second delta',
    caughtBy: 'X03',
    entry: withFault({
      chat: (chat) => ({ ...chat, stream: (request) => withoutSecond(partsOf(chat, request)) }),
    }),
  },
  {
    fault: 'holds the deltas back until the end',
    caughtBy: 'X04 deltas are forwarded as they arrive',
    entry: withFault({
      chat: (chat) => ({
        ...chat,
        stream: async function* (request) {
          yield* await Array.fromAsync(partsOf(chat, request))
        },
      }),
    }),
  },
  {
    fault: 'retries after output has been delivered',
    caughtBy: 'A07',
    entry: withFault({
      chat: (chat) => ({
        ...chat,
        stream: async function* (request) {
          try {
            yield* partsOf(chat, request)
          } catch {
            yield* partsOf(chat, request)
          }
        },
      }),
    }),
  },
  {
    fault: 'ignores the signal',
    caughtBy: 'A02',
    entry: withFault({ request: ({ signal: _signal, ...request }) => request }),
  },
  {
    fault: 'prints the request',
    caughtBy: 'X12',
    entry: withFault({
      request: (request) => {
        console.log('asking', request.messages)
        return request
      },
    }),
  },
  {
    fault: 'uses the latest request for concurrent calls',
    caughtBy: 'X11',
    entry: withFault({ chat: forgetful }),
  },
  {
    fault: 'returns an empty reply instead of an error',
    caughtBy: 'E bad key',
    entry: withFault({
      chat: (chat) => ({
        ...chat,
        text: (request) => chat.text(request).catch(() => ({ choices: [{ content: '' }] })),
      }),
    }),
  },
  {
    fault: 'throws the same error for every failure',
    caughtBy: 'E too fast',
    entry: withFault({
      chat: (chat) => ({
        ...chat,
        text: (request) =>
          chat.text(request).catch(() => {
            throw new Error('The call failed.')
          }),
      }),
    }),
  },
  {
    fault: 'includes its token in errors',
    caughtBy: 'E no key in message, stack or JSON',
    entry: withFault({
      chat: (chat, { engineToken }) => ({
        ...chat,
        text: (request) =>
          chat.text(request).catch((error: unknown) => {
            throw new Error(`The call with ${engineToken} failed: ${String(error)}`)
          }),
      }),
    }),
  },
  {
    fault: 'retries an error that must not be retried',
    caughtBy: 'E no credit is not retried',
    entry: withFault({
      chat: (chat) => ({ ...chat, text: (request) => chat.text(request).catch(() => chat.text(request)) }),
    }),
  },
]

/** Providers with faulty registry entries. */
export const BROKEN_ENTRIES: readonly BrokenProvider[] = [
  {
    fault: 'has the label of another provider',
    caughtBy: 'S01',
    entry: { ...withFault({}), label: 'Groq' },
  },
  {
    fault: 'has a chat without text',
    caughtBy: 'S01',
    entry: { ...withFault({}), factory: () => ({ provider: 'BROKEN', chat: JSON.parse('{}') }) },
  },
  {
    fault: 'has a factory that throws',
    caughtBy: 'S01',
    entry: {
      ...withFault({}),
      factory: () => {
        throw new Error('No key in the environment.')
      },
    },
  },
  {
    fault: 'has a header that changes from call to call',
    caughtBy: 'S02',
    entry: { ...withFault({}), auth: { name: 'x-api-key', mapper: (key) => `${key}${Math.random()}` } },
  },
  {
    fault: 'loads an SDK when the registry is imported',
    caughtBy: 'S05',
    entry: withFault({}),
    options: { module: import.meta.resolve('./imports-sdk.ts') },
  },
  {
    fault: 'sends a request when the registry is imported',
    caughtBy: 'S06',
    entry: withFault({}),
    options: { module: import.meta.resolve('./calls-at-import.ts') },
  },
  {
    fault: 'declares tools unsupported but sends them',
    caughtBy: 'N',
    entry: withFault({}),
    options: { supports: { tools: false } },
  },
  {
    fault: 'has a known gap that passes',
    caughtBy: 'X01 text',
    entry: withFault({}),
    options: { knownGaps: [{ check: 'X01', reason: 'Not supported yet.' }] },
  },
]

function reasoningInText(reply: AIChatResponse): AIChatResponse {
  const reasoning = reply.choices[0]?.reasoning?.map(({ text }) => text).join('') ?? ''
  return withContent(reply, (content) => `<think>${reasoning}</think>${content}`)
}

function asText<Part extends { type: string }>(part: Part): Part {
  return part.type === 'reasoning-delta' ? { ...part, type: 'text-delta' } : part
}

/** Shares the request between calls, so that a concurrent call replaces it. */
function forgetful(chat: AIChat): AIChat {
  let last: AIChatRequest | undefined
  const text = async (request: AIChatRequest) => {
    last = request
    await Promise.resolve()
    return await chat.text(last)
  }
  return { ...chat, text }
}

/** Reads the stream twice: once normally, once for the terminator of any protocol. */
async function* endedByAny(chat: AIChat, request: AIChatRequest, { serverUrl }: AIFactoryParams) {
  const response = await fetch(`${serverUrl}/v1/chat/completions`, { method: 'POST', body: '{"stream":true}' })
  const ended = /\[DONE\]|message_stop|response\.completed/.test(await response.text())
  for await (const part of partsOf(chat, request)) {
    yield part.type === 'end' && ended ? { ...part, completeness: 'complete' as const } : part
  }
}

async function* withoutSecond<Part extends { type: string }>(parts: AsyncIterable<Part>): AsyncGenerator<Part> {
  let texts = 0
  for await (const part of parts) {
    if (part.type === 'text-delta') texts++
    if (part.type !== 'text-delta' || texts !== 2) yield part
  }
}
