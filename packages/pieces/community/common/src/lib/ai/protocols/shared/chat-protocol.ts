import type {
  AIChange,
  AIChatReply,
  AIChatRequest,
  AIChatStreamDelta,
  AIChatStreamPart,
  AIWarning,
} from '../../contract/chat.ts'
import type { AIChat } from '../../contract/registry.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInReply, requestIdOf, toAIError } from '../../errors/read.ts'
import { isObject, type WireObject } from './json.ts'
import { parseJson } from './parse-json.ts'
import { createSseParser, readSse, type SseBatch, type SseEvent } from './sse.ts'

/** A wire format as pure functions, and the one impure one that sends. `speak()` makes a chat of it. */
export type ChatWire<Body> = {
  /** Below the vendor's base URL; `send` must go there. A function where the path itself says what is asked for. */
  readonly path: string | ((request: AIChatRequest, stream: boolean) => string)
  /** Ours → wire. */
  readonly render: (request: AIChatRequest, stream: boolean) => { body: Body; changes: AIChange[] }
  /** Sends the body through the vendor's SDK, to this path, and gives the raw response; anything but a 2xx throws. */
  readonly send: (body: Body, options: SendOptions, path: string) => Promise<Response>
  /** Wire → ours, for a whole reply. */
  readonly parse: (reply: WireObject) => AIChatReply
  /** Wire → ours, for a stream. */
  readonly collect: () => ChatCollector
  /** Makes events of a stream's bytes; absent: they are server-sent events. */
  readonly read?: (body: ReadableStream<Uint8Array>, isWhole: () => boolean) => AsyncIterable<SseBatch>
  /** The header that has the reply's id, where its body has none. */
  readonly idHeader?: string
  readonly structuredOutput: (model: string) => boolean
  /** Whether the vendor looks at images; absent: it does. */
  readonly imageInput?: boolean
  /** Whether the vendor searches the web for a model that is asked with `webSearch`; absent: for none. */
  readonly webSearch?: (model: string) => boolean
}

export type SendOptions = { signal?: AbortSignal | undefined }

/** Gathers a streamed reply. */
export type ChatCollector = {
  /** Reads one event. @throws AIError when the event is the vendor's error; SyntaxError when it is not JSON */
  readonly accept: (event: SseEvent) => AIChatStreamDelta[]
  /** Whether the vendor said that the reply is whole. */
  readonly done: () => boolean
  /** Asked when the body ends without the terminator: whether the reply is whole all the same. Absent: it is not. */
  readonly whole?: () => boolean
  /** What has come so far. @throws AIError `invalid-tool-arguments` for a whole reply whose tool arguments are no JSON */
  readonly result: () => AIChatReply
}

/** The chat of a vendor that speaks this wire. */
export function speak<Body>(wire: ChatWire<Body>): Required<AIChat> {
  return {
    text: async (request) => {
      const { body, changes } = wire.render(request, false)
      const response = await wire.send(body, { signal: request.signal }, pathOf(wire, request, false))
      request.onConnect?.()
      return withChanges(withId(readReply(await response.text(), wire, response), wire, response), changes)
    },
    stream: (request) => streamOf(wire, request),
    structuredOutput: wire.structuredOutput,
    imageInput: wire.imageInput ?? true,
    webSearch: wire.webSearch ?? (() => false),
    explain: (request, stream) => ({
      method: 'POST',
      path: pathOf(wire, request, stream),
      ...wire.render(request, stream),
    }),
  }
}

function pathOf<Body>({ path }: ChatWire<Body>, request: AIChatRequest, stream: boolean): string {
  return typeof path === 'string' ? path : path(request, stream)
}

function withId<Body>(reply: AIChatReply, { idHeader }: ChatWire<Body>, response: Response | undefined): AIChatReply {
  const id = idHeader === undefined ? undefined : response?.headers.get(idHeader)
  return id ? { id, ...reply } : reply
}

/** Renamed fields are not reported as warnings; dropped or changed ones are. */
function withChanges(reply: AIChatReply, changes: AIChange[]): AIChatReply {
  const warnings = changes.flatMap(({ type, ...change }): AIWarning[] =>
    type === 'renamed' || type === 'note' ? [] : [{ type, ...change }],
  )
  return { ...reply, warnings: [...warnings, ...(reply.warnings ?? [])] }
}

/** By lists of parts that came in one piece: with a turn of the loop for each part it would take twice as long. */
async function* streamOf<Body>(
  wire: ChatWire<Body>,
  request: AIChatRequest,
): AsyncGenerator<readonly AIChatStreamPart[]> {
  const { body, changes } = wire.render(request, true)
  const collector = wire.collect()
  let response: Response | undefined
  const completion = () => withChanges(withId(collector.result(), wire, response), changes)
  try {
    response = await wire.send(body, { signal: request.signal }, pathOf(wire, request, true))
    request.onConnect?.()
    const wholeReply = (text: string, from: Response) =>
      partsOf(withChanges(withId(readReply(text, wire, from), wire, from), changes))
    if (isJson(response)) {
      yield wholeReply(await response.text(), response)
      return
    }
    if (!response.body) throw new AIError({ code: 'invalid-reply', message: 'The reply has no body.' })
    let events = 0
    for await (const batch of (wire.read ?? readSse)(response.body, collector.done)) {
      events += batch.events.length
      if (batch.stray !== undefined && events === 0) {
        yield wholeReply(batch.stray, response)
        return
      }
      const { deltas, error = errorAmong(batch.stray) } = deltasOf(batch, collector)
      if (deltas.length > 0) yield deltas
      if (error !== undefined) throw error
    }
  } catch (error) {
    if (request.signal?.aborted) {
      yield [{ type: 'end', completeness: 'aborted', completion: completion() }]
      return
    }
    throw toAIError(error, { partial: partialOf(completion) })
  }
  const whole = collector.done() || collector.whole?.()
  yield [{ type: 'end', completeness: whole ? 'complete' : 'truncated', completion: completion() }]
}

/** Some gateways answer a request for a stream with the whole reply. */
function isJson(response: Response): boolean {
  return response.headers.get('content-type')?.includes('application/json') ?? false
}

/** A whole reply as the stream that it could have been. */
export function partsOf(reply: AIChatReply): AIChatStreamPart[] {
  const choice = reply.choices[0]
  const thoughts = (choice?.reasoning ?? []).filter(({ text }) => text !== '')
  return [
    ...thoughts.map(({ text }) => ({ type: 'reasoning-delta' as const, text })),
    ...(choice?.content ? [{ type: 'text-delta' as const, text: choice.content }] : []),
    ...(reply.toolCalls ?? []).map((toolCall) => ({ type: 'tool-call' as const, toolCall })),
    { type: 'end', completeness: 'complete', completion: reply },
  ]
}

/** What the events say, up to the first that is wrong: what came before it is delivered before it is thrown. */
function deltasOf(
  { events, final }: SseBatch,
  collector: ChatCollector,
): { deltas: AIChatStreamDelta[]; error?: unknown } {
  const deltas: AIChatStreamDelta[] = []
  for (const event of events) {
    if (collector.done()) break // what comes after the terminator is none of this reply
    if (event.error !== undefined) return { deltas, error: event.error }
    try {
      deltas.push(...collector.accept(event))
    } catch (error) {
      if (!(error instanceof SyntaxError)) return { deltas, error }
      if (final) break // the body ended in the middle of an event: the stream is truncated, not malformed
      const message = 'The stream holds an event that is not JSON.'
      return { deltas, error: new AIError({ code: 'invalid-reply', message, cause: error }) }
    }
  }
  return { deltas }
}

function partialOf(completion: () => AIChatReply): AIChatReply | undefined {
  try {
    return completion()
  } catch {
    return undefined
  }
}

// ---- complete responses

/**
 * Reads a complete response, whatever its content type: a JSON object, or events if a gateway streams anyway.
 *
 * @throws AIError the vendor's error with its message, if the response is one; `invalid-reply` for anything else
 */
function readReply<Body>(text: string, wire: ChatWire<Body>, { status, headers }: Response): AIChatReply {
  const json = parseJson(text)
  const reply = Array.isArray(json) && isObject(json[0]) && json[0]['error'] ? json[0] : json
  try {
    if (isObject(reply)) return wire.parse(reply)
    if (!wire.read && /^(data|event|id|retry)?:/.test(text.trimStart())) return readEventsOf(text, wire)
  } catch (error) {
    throw (error instanceof AIError && error.code === 'invalid-reply' && errorWithWords(reply, headers)) || error
  }
  const begins = text.trim().replace(/\s+/g, ' ').slice(0, 200)
  const what = begins === '' ? 'is empty' : `is not a JSON object: ${begins}`
  const details = { status, requestId: requestIdOf(headers), ...(begins !== '' && { vendorMessage: begins }) }
  throw new AIError({ code: 'invalid-reply', message: `The response ${what}.`, ...details })
}

function readEventsOf<Body>(text: string, { collect }: ChatWire<Body>): AIChatReply {
  const parser = createSseParser()
  const collector = collect()
  const events = [...parser.push(text), parser.end()].filter((event) => event !== undefined)
  const { error } = deltasOf({ events, final: false }, collector)
  if (error !== undefined) throw error
  if (collector.done() || collector.whole?.()) return collector.result()
  const message = 'The response is a stream of events that ends early.'
  throw new AIError({ code: 'interrupted', message, partial: collector.result() })
}

/** The error message in an object that is not a response of this protocol, if it has one. */
function errorWithWords(reply: unknown, headers?: Headers): AIError | undefined {
  if (!isObject(reply)) return undefined
  const error = errorInReply(reply, { fallback: 'invalid-reply', ...(headers && { headers }) })
  return error.vendorMessage === undefined ? undefined : error
}

/** An error that follows the events as plain JSON. */
function errorAmong(stray: string | undefined): AIError | undefined {
  const json = stray === undefined ? undefined : parseJson(stray)
  return isObject(json) ? errorWithWords(json) : undefined
}
