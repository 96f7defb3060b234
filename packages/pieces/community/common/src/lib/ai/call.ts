import type { AI } from './contract.ts'
import type {
  AIChatCompletion,
  AIChatReply,
  AIChatRequest,
  AIChatStreamDelta,
  AIChatStreamEvent,
  AIChatStreamPart,
} from './contract-chat.ts'
import { AIError } from './errors.ts'
import { setLimits } from './limits.ts'
import { partsOf } from './protocols/wire.ts'
import { toAIError } from './read-error.ts'
import { retrying } from './retry.ts'
import { usageParts } from './usage.ts'

/** A prepared request, asked once or as a stream: with retries, limits, and replies filled in. */
export type Caller = {
  readonly text: (request: AIChatRequest) => Promise<AIChatCompletion>
  /** By lists of events that came together: one turn of the loop for all of them. */
  readonly stream: (request: AIChatRequest) => AsyncGenerator<readonly AIChatStreamEvent[]>
}

/** @param provider the registry value, for errors */
export function createCaller<SDK>(ai: AI<SDK>, provider: string): Caller {
  const reader = (request: AIChatRequest) => (thrown: unknown) => toAIError(thrown, { provider, model: request.model })
  return {
    text: async (request) => {
      using limits = setLimits(request.signal, request.timeout)
      const read = (thrown: unknown) => reader(request)(limits.passed() ?? thrown)
      const limited = { ...request, signal: limits.signal }
      const reply = await retrying(() => checked(limited, () => ai.chat.text(limited)), read, limited)
      return fillReply(reply, request)
    },
    stream: (request) => streamEvents(ai, request, reader(request)),
  }
}

/** Nothing is sent for a call that is aborted before it begins. */
async function checked<T>(request: AIChatRequest, call: () => Promise<T>): Promise<T> {
  if (request.signal?.aborted) throw new AIError({ code: 'aborted', message: 'The call was aborted before it began.' })
  return await call()
}

// ---- streams: any number of deltas, then exactly one end

async function* streamEvents<SDK>(
  ai: AI<SDK>,
  request: AIChatRequest,
  readPlain: (thrown: unknown) => AIError,
): AsyncGenerator<readonly AIChatStreamEvent[]> {
  using limits = setLimits(request.signal, request.timeout)
  const read = (thrown: unknown) => readPlain(limits.passed() ?? thrown)
  const limited = { ...request, signal: limits.signal }
  const heard: AIChatStreamDelta[] = []
  const end = (part: EndPart): AIChatStreamEvent => {
    const passed = limits.passed()
    if (passed) throw new AIError({ ...passed, message: passed.message, partial: part.completion })
    return { ...part, completion: fillReply(part.completion, request) }
  }
  try {
    const lists = await retrying(
      () => checked(limited, () => begin(limits.watch(partsFor(ai, limited)))),
      read,
      limited,
    )
    for await (const list of lists) {
      const { deltas, last } = untilEnd(list)
      for (const delta of deltas) heard.push(delta)
      if (deltas.length > 0) yield deltas
      if (last) {
        yield [end(last)]
        return
      }
    }
    const completeness = request.signal?.aborted ? 'aborted' : 'truncated'
    yield [end({ type: 'end', completeness, completion: replyOf(heard) })]
  } catch (thrown) {
    const error = toAIError(read(thrown), { partial: heard.length > 0 ? replyOf(heard) : undefined })
    if (error.code !== 'aborted' || !request.signal?.aborted) throw error
    yield [end({ type: 'end', completeness: 'aborted', completion: replyOf(heard) })]
  }
}

type EndPart = Extract<AIChatStreamPart, { type: 'end' }>
type Parts = AIChatStreamPart | readonly AIChatStreamPart[]

function untilEnd(parts: Parts): { deltas: readonly AIChatStreamDelta[]; last: EndPart | undefined } {
  const deltas: AIChatStreamDelta[] = []
  for (const part of isList(parts) ? parts : [parts]) {
    if (part.type === 'end') return { deltas, last: part }
    deltas.push(part)
  }
  return { deltas, last: undefined }
}

/** What Array.isArray does not know of read-only lists. */
function isList(parts: Parts): parts is readonly AIChatStreamPart[] {
  return Array.isArray(parts)
}

function partsFor<SDK>(ai: AI<SDK>, request: AIChatRequest): AsyncIterable<Parts> {
  return ai.chat.stream?.(request) ?? streamOfText(ai, request)
}

/** The stream of a provider that has none: the whole reply in one piece. */
async function* streamOfText<SDK>(ai: AI<SDK>, request: AIChatRequest): AsyncGenerator<Parts> {
  yield partsOf(await ai.chat.text(request))
}

/** Waits for the first part, so that a failure before any output can be tried again, and none after it. */
async function begin(parts: AsyncIterable<Parts>): Promise<AsyncIterable<Parts>> {
  const iterator = parts[Symbol.asyncIterator]()
  return chain(await iterator.next(), iterator)
}

async function* chain(first: IteratorResult<Parts>, rest: AsyncIterator<Parts>): AsyncGenerator<Parts> {
  try {
    for (let step = first; !step.done; step = await rest.next()) yield step.value
  } finally {
    await rest.return?.()
  }
}

function replyOf(deltas: readonly AIChatStreamDelta[]): AIChatReply {
  const content = deltas.map((delta) => (delta.type === 'text-delta' ? delta.text : '')).join('')
  const toolCalls = deltas.flatMap((delta) => (delta.type === 'tool-call' ? [delta.toolCall] : []))
  return { choices: [{ content }], toolCalls, finishReason: 'other' }
}

// ---- replies: what an author may leave out

function fillReply(reply: AIChatReply, request: AIChatRequest): AIChatCompletion {
  const toolCalls = reply.toolCalls ?? []
  const choices = reply.choices.length > 0 ? reply.choices : [{ content: '' }]
  const usage = { promptTokens: undefined, completionTokens: undefined, totalTokens: undefined, ...reply.usage }
  return {
    id: reply.id ?? '',
    created: reply.created ?? Math.floor(Date.now() / 1000),
    model: reply.model ?? request.model,
    choices: choices.map((choice, index) => ({
      ...choice,
      role: 'assistant',
      content: choice.content ?? '',
      ...(index === 0 && toolCalls.length > 0 && { toolCalls }),
    })),
    finishReason: reply.finishReason ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop'),
    ...(reply.rawFinishReason !== undefined && { rawFinishReason: reply.rawFinishReason }),
    toolCalls,
    ...(reply.sources !== undefined && { sources: reply.sources }),
    usage: { ...usage, parts: usageParts(usage) },
    warnings: reply.warnings ?? [],
  }
}
