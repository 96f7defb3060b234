import type {
  AIChatCompletion,
  AIChatRequest,
  AIChatResponse,
  AIChatStreamDelta,
  AIChatStreamEvent,
  AIChatStreamPart,
  AIToolCall,
} from '../contract/chat.ts'
import type { AI } from '../contract/registry.ts'
import { AIError } from '../errors/ai-error.ts'
import { toAIError } from '../errors/read.ts'
import { partsOf } from '../protocols/shared/chat-protocol.ts'
import { usageParts } from '../protocols/shared/usage.ts'
import { createDeadline, type Started } from './deadline.ts'
import { retrying } from './retry.ts'

/** Sends prepared chat requests, with retries and timeouts, and fills in the completions. */
export type Caller = {
  readonly text: (request: AIChatRequest) => Promise<AIChatCompletion>
  /** Yields lists of events that arrived together: one loop iteration for all of them is faster. */
  readonly stream: (request: AIChatRequest) => AsyncGenerator<readonly AIChatStreamEvent[]>
}

/** @param provider registry value, for errors */
export function createCaller<SDK>(ai: AI<SDK>, provider: string): Caller {
  const reader = (request: AIChatRequest) => (thrown: unknown) => toAIError(thrown, { provider, model: request.model })
  return {
    text: async (request) => {
      using deadline = createDeadline(request.signal, request.timeout)
      const read = (thrown: unknown) => reader(request)(deadline.exceeded() ?? thrown)
      const attempt = () => deadline.attempt((options) => ai.chat.text({ ...request, ...options }))
      const reply = await retrying(attempt, read, { signal: deadline.signal, retries: request.retries })
      if (isEmpty(reply)) throw reader(request)(emptyResponse(reply))
      return fillResponse(reply, request)
    },
    stream: (request) => streamEvents(ai, request, reader(request)),
  }
}

// ---- streams

async function* streamEvents<SDK>(
  ai: AI<SDK>,
  request: AIChatRequest,
  readPlain: (thrown: unknown) => AIError,
): AsyncGenerator<readonly AIChatStreamEvent[]> {
  using deadline = createDeadline(request.signal, request.timeout)
  const read = (thrown: unknown) => readPlain(deadline.exceeded() ?? thrown)
  const transcript = createTranscript()
  const end = (part: EndPart): AIChatStreamEvent => {
    const exceeded = deadline.exceeded()
    if (exceeded) throw toAIError(exceeded, { partial: part.completion })
    if (part.completeness === 'complete' && isEmpty(transcript.completion()) && isEmpty(part.completion)) {
      throw emptyResponse(part.completion)
    }
    return { ...part, completion: fillResponse(part.completion, request) }
  }
  let stream: Started<Parts> | undefined
  try {
    const attempt = () => deadline.iterate((options) => partsFor(ai, { ...request, ...options }))
    stream = await retrying(attempt, read, { signal: deadline.signal, retries: request.retries })
    for (let step = stream.first; !step.done; step = await stream.next()) {
      const { deltas, last } = untilEnd(step.value)
      for (const delta of deltas) transcript.add(delta)
      if (deltas.length > 0) yield deltas
      if (last) {
        yield [end(last)]
        return
      }
    }
    const completeness = request.signal?.aborted ? 'aborted' : 'truncated'
    yield [end({ type: 'end', completeness, completion: transcript.completion() })]
  } catch (thrown) {
    const error = toAIError(read(thrown), {
      partial: isEmpty(transcript.completion()) ? undefined : transcript.completion(),
    })
    if (error.code !== 'aborted' || !request.signal?.aborted) throw error
    yield [end({ type: 'end', completeness: 'aborted', completion: transcript.completion() })]
  } finally {
    await stream?.close()
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

/** Array.isArray does not narrow readonly arrays. */
function isList(parts: Parts): parts is readonly AIChatStreamPart[] {
  return Array.isArray(parts)
}

function partsFor<SDK>(ai: AI<SDK>, request: AIChatRequest): AsyncIterable<Parts> {
  return ai.chat.stream?.(request) ?? streamOfText(ai, request)
}

/** The stream of a provider that only has `text`. */
async function* streamOfText<SDK>(ai: AI<SDK>, request: AIChatRequest): AsyncGenerator<Parts> {
  yield partsOf(await ai.chat.text(request))
}

/** The completion so far of a stream that ends without an `end` event. */
function createTranscript() {
  let content = ''
  const toolCalls: AIToolCall[] = []
  return {
    add: (delta: AIChatStreamDelta) => {
      if (delta.type === 'text-delta') content += delta.text
      else if (delta.type === 'tool-call') toolCalls.push(delta.toolCall)
    },
    completion: (): AIChatResponse => ({ choices: [{ content }], toolCalls, finishReason: 'other' }),
  }
}

// ---- completions

/** Whether a completion has no text, no tool call, no refusal, and no finish reason that would explain it. */
function isEmpty({ choices, toolCalls, finishReason = 'other' }: AIChatResponse): boolean {
  const [choice] = choices
  const hasToolCall = [...(choice?.toolCalls ?? []), ...(toolCalls ?? [])].some(({ name }) => name !== '')
  const says = Boolean(choice?.content || choice?.refusal || hasToolCall)
  return !says && finishReason === 'other'
}

function emptyResponse(reply: AIChatResponse): AIError {
  const why = reply.warnings?.find(({ type }) => type === 'incomplete')?.message ?? reply.rawFinishReason
  const message = `The response has no text, no tool call and no known finish reason${why ? ` (${why})` : ''}.`
  return new AIError({ code: 'invalid-reply', message, partial: reply })
}

function fillResponse(reply: AIChatResponse, request: AIChatRequest): AIChatCompletion {
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
