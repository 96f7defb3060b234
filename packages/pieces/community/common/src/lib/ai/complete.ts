import type {
  AI,
  AIChatCompletion,
  AIChatCompletionsCreateParams,
  AIChatReply,
  AIChatStreamDelta,
  AIChatStreamEvent,
  AIChatStreamPart,
  CompleteAI,
} from './contract.ts'
import { AIError, toAIError } from './errors.ts'
import { partsOf } from './protocols/wire.ts'
import { retrying } from './retry.ts'
import { validateChatParams } from './validate.ts'

/**
 * Makes the whole AI of what its author wrote: checks parameters, retries, fills in what a reply lacks, derives what the
 * author left out, and turns whatever is thrown into an AIError.
 *
 * @param provider the registry value, for errors
 */
export function complete<SDK>(ai: AI<SDK>, provider: string): CompleteAI<SDK> {
  const reader = (params: AIChatCompletionsCreateParams) => (thrown: unknown) => toAIError(thrown, { provider, model: modelOf(params) })
  return {
    provider: ai.provider,
    sdk: ai.sdk ?? (() => Promise.reject(noSdk(provider))),
    chat: {
      text: async (params) => {
        const read = reader(params)
        try {
          validateChatParams(params)
          throwIfAborted(params.signal)
        } catch (error) {
          throw read(error)
        }
        return fillReply(await retrying(() => ai.chat.text(params), read, params.signal), params)
      },
      stream: (params) => streamEvents(ai, params, reader(params)),
    },
  }
}

function modelOf(params: unknown): string | undefined {
  const model: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, 'model') : undefined
  return typeof model === 'string' ? model : undefined
}

function noSdk(provider: string): AIError {
  return new AIError({ code: 'unsupported', message: `The provider ${provider} offers no SDK.`, provider })
}

function throwIfAborted(signal: AbortSignal | undefined) {
  if (signal?.aborted) throw new AIError({ code: 'aborted', message: 'The call was aborted before it began.' })
}

// ---- streams: any number of deltas, then exactly one end

async function* streamEvents<SDK>(
  ai: AI<SDK>,
  params: AIChatCompletionsCreateParams,
  read: (thrown: unknown) => AIError,
): AsyncGenerator<AIChatStreamEvent> {
  const heard: AIChatStreamDelta[] = []
  const end = (part: EndPart): AIChatStreamEvent => ({ ...part, completion: fillReply(part.completion, params) })
  const soFar = (): AIChatReply => replyOf(heard)
  try {
    validateChatParams(params)
    throwIfAborted(params.signal)
    const parts = await retrying(() => begin(ai, params), read, params.signal)
    for await (const part of parts) {
      if (part.type === 'end') {
        yield end(part)
        return
      }
      heard.push(part)
      yield part
    }
    yield end({ type: 'end', completeness: params.signal?.aborted ? 'aborted' : 'truncated', completion: soFar() })
  } catch (thrown) {
    const error = read(thrown)
    if (error.code !== 'aborted' || !params.signal?.aborted) throw error
    yield end({ type: 'end', completeness: 'aborted', completion: soFar() })
  }
}

type EndPart = Extract<AIChatStreamPart, { type: 'end' }>

/** Waits for the first part, so that a failure before any output can be tried again, and none after it. */
async function begin<SDK>(ai: AI<SDK>, params: AIChatCompletionsCreateParams): Promise<AsyncIterable<AIChatStreamPart>> {
  const parts = (ai.chat.stream?.(params) ?? streamOfText(ai, params))[Symbol.asyncIterator]()
  const first = await parts.next()
  return chain(first, parts)
}

async function* chain(
  first: IteratorResult<AIChatStreamPart>,
  rest: AsyncIterator<AIChatStreamPart>,
): AsyncGenerator<AIChatStreamPart> {
  try {
    for (let step = first; !step.done; step = await rest.next()) yield step.value
  } finally {
    await rest.return?.()
  }
}

/** The stream of a provider that has none: the whole reply in one piece. */
async function* streamOfText<SDK>(ai: AI<SDK>, params: AIChatCompletionsCreateParams): AsyncGenerator<AIChatStreamPart> {
  yield* partsOf(await ai.chat.text(params))
}

function replyOf(deltas: readonly AIChatStreamDelta[]): AIChatReply {
  const content = deltas.map((delta) => (delta.type === 'text-delta' ? delta.text : '')).join('')
  const toolCalls = deltas.flatMap((delta) => (delta.type === 'tool-call' ? [delta.toolCall] : []))
  return { choices: [{ content }], toolCalls, finishReason: 'other' }
}

// ---- replies: what an author may leave out

function fillReply(reply: AIChatReply, params: AIChatCompletionsCreateParams): AIChatCompletion {
  const toolCalls = reply.toolCalls ?? []
  const choices = reply.choices.length > 0 ? reply.choices : [{ content: '' }]
  return {
    id: reply.id ?? '',
    created: reply.created ?? Math.floor(Date.now() / 1000),
    model: reply.model ?? params.model,
    choices: choices.map((choice) => ({ ...choice, role: 'assistant', content: choice.content ?? '' })),
    finishReason: reply.finishReason ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
    ...(reply.rawFinishReason !== undefined && { rawFinishReason: reply.rawFinishReason }),
    toolCalls,
    usage: { promptTokens: undefined, completionTokens: undefined, totalTokens: undefined, ...reply.usage },
    warnings: reply.warnings ?? [],
  }
}
