import type {
  AIChange,
  AIChatRequest,
  AIChatResponse,
  AIChatStreamDelta,
  AIChatStreamPart,
  AIWarning,
} from '../../contract/chat.ts'
import type { AIChat } from '../../contract/registry.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse, requestIdOf, toAIError } from '../../errors/read.ts'
import { isObject, type JsonObject } from './json.ts'
import { parseJson } from './parse-json.ts'
import { createSseParser, readSse, type SseBatch, type SseEvent } from './sse.ts'

/** A chat protocol: pure functions, and one that sends. `createChat()` builds a chat from it. */
export type ChatProtocol<Body> = {
  /** Path below the vendor's base URL, or a function if the path depends on the request. */
  readonly path: string | ((request: AIChatRequest, stream: boolean) => string)
  /** Converts our request to the vendor's. */
  readonly render: (request: AIChatRequest, stream: boolean) => { body: Body; changes: AIChange[] }
  /** Sends the body through the vendor's SDK and returns the raw response. Throws unless the status is 2xx. */
  readonly send: (body: Body, options: SendOptions, path: string) => Promise<Response>
  /** Converts the vendor's response to ours. */
  readonly parse: (reply: JsonObject) => AIChatResponse
  /** Creates the collector of a stream. */
  readonly collect: () => ChatCollector
  /** Reads events from the body of a stream. Defaults to server-sent events. */
  readonly read?: (body: ReadableStream<Uint8Array>, isDone: () => boolean) => AsyncIterable<SseBatch>
  /** Header with the completion's id, if it is not in the body. */
  readonly idHeader?: string
  readonly structuredOutput: (model: string) => boolean
  /** Whether the vendor accepts images. Defaults to true. */
  readonly imageInput?: boolean
  /** Whether the vendor can search the web for this model. Defaults to false. */
  readonly webSearch?: (model: string) => boolean
}

export type SendOptions = { signal?: AbortSignal | undefined }

/** Collects a streamed completion. */
export type ChatCollector = {
  /** Reads one event. @throws AIError if it is the vendor's error; SyntaxError if it is not JSON */
  readonly accept: (event: SseEvent) => AIChatStreamDelta[]
  /** Whether the vendor ended the completion. */
  readonly done: () => boolean
  /** Whether the completion is complete although the body ended without the terminator. Defaults to false. */
  readonly completeWithoutEnd?: () => boolean
  /** Returns what has arrived so far. @throws AIError `invalid-tool-arguments` for a complete one with invalid arguments */
  readonly result: () => AIChatResponse
}

/** Builds the chat of a protocol. */
export function createChat<Body>(protocol: ChatProtocol<Body>): Required<AIChat> {
  return {
    text: async (request) => {
      const { body, changes } = protocol.render(request, false)
      const response = await protocol.send(body, { signal: request.signal }, pathOf(protocol, request, false))
      request.onConnect?.()
      return withChanges(withId(readResponse(await response.text(), protocol, response), protocol, response), changes)
    },
    stream: (request) => streamOf(protocol, request),
    structuredOutput: protocol.structuredOutput,
    imageInput: protocol.imageInput ?? true,
    webSearch: protocol.webSearch ?? (() => false),
    explain: (request, stream) => ({
      method: 'POST',
      path: pathOf(protocol, request, stream),
      ...protocol.render(request, stream),
    }),
  }
}

function pathOf<Body>({ path }: ChatProtocol<Body>, request: AIChatRequest, stream: boolean): string {
  return typeof path === 'string' ? path : path(request, stream)
}

function withId<Body>(
  reply: AIChatResponse,
  { idHeader }: ChatProtocol<Body>,
  response: Response | undefined,
): AIChatResponse {
  const id = idHeader === undefined ? undefined : response?.headers.get(idHeader)
  return id ? { id, ...reply } : reply
}

/** Renamed fields are not reported as warnings; dropped or changed ones are. */
function withChanges(reply: AIChatResponse, changes: AIChange[]): AIChatResponse {
  const warnings = changes.flatMap(({ type, ...change }): AIWarning[] =>
    type === 'renamed' || type === 'note' ? [] : [{ type, ...change }],
  )
  return { ...reply, warnings: [...warnings, ...(reply.warnings ?? [])] }
}

/** Yields lists of parts that arrived together: one loop iteration per part would take twice as long. */
async function* streamOf<Body>(
  protocol: ChatProtocol<Body>,
  request: AIChatRequest,
): AsyncGenerator<readonly AIChatStreamPart[]> {
  const { body, changes } = protocol.render(request, true)
  const collector = protocol.collect()
  let response: Response | undefined
  const completion = () => withChanges(withId(collector.result(), protocol, response), changes)
  try {
    response = await protocol.send(body, { signal: request.signal }, pathOf(protocol, request, true))
    request.onConnect?.()
    const completeResponse = (text: string, from: Response) =>
      partsOf(withChanges(withId(readResponse(text, protocol, from), protocol, from), changes))
    if (isJson(response)) {
      yield completeResponse(await response.text(), response)
      return
    }
    if (!response.body) throw new AIError({ code: 'invalid-reply', message: 'The response has no body.' })
    let events = 0
    for await (const batch of (protocol.read ?? readSse)(response.body, collector.done)) {
      events += batch.events.length
      if (batch.stray !== undefined && events === 0) {
        yield completeResponse(batch.stray, response)
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
  const isComplete = collector.done() || collector.completeWithoutEnd?.()
  yield [{ type: 'end', completeness: isComplete ? 'complete' : 'truncated', completion: completion() }]
}

/** Some gateways answer a streaming request with a complete response. */
function isJson(response: Response): boolean {
  return response.headers.get('content-type')?.includes('application/json') ?? false
}

/** Converts a complete response to stream parts. */
export function partsOf(reply: AIChatResponse): AIChatStreamPart[] {
  const choice = reply.choices[0]
  const thoughts = (choice?.reasoning ?? []).filter(({ text }) => text !== '')
  return [
    ...thoughts.map(({ text }) => ({ type: 'reasoning-delta' as const, text })),
    ...(choice?.content ? [{ type: 'text-delta' as const, text: choice.content }] : []),
    ...(reply.toolCalls ?? []).map((toolCall) => ({ type: 'tool-call' as const, toolCall })),
    { type: 'end', completeness: 'complete', completion: reply },
  ]
}

/** Reads the events up to the first invalid one. Deltas before it are delivered before its error is thrown. */
function deltasOf(
  { events, final }: SseBatch,
  collector: ChatCollector,
): { deltas: AIChatStreamDelta[]; error?: unknown } {
  const deltas: AIChatStreamDelta[] = []
  for (const event of events) {
    if (collector.done()) break // ignore what follows the terminator
    if (event.error !== undefined) return { deltas, error: event.error }
    try {
      deltas.push(...collector.accept(event))
    } catch (error) {
      if (!(error instanceof SyntaxError)) return { deltas, error }
      if (final) break // the body ended in the middle of an event: the stream is truncated, not malformed
      const message = 'The stream contains an event that is not JSON.'
      return { deltas, error: new AIError({ code: 'invalid-reply', message, cause: error }) }
    }
  }
  return { deltas }
}

function partialOf(completion: () => AIChatResponse): AIChatResponse | undefined {
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
function readResponse<Body>(text: string, protocol: ChatProtocol<Body>, { status, headers }: Response): AIChatResponse {
  const json = parseJson(text)
  const reply = Array.isArray(json) && isObject(json[0]) && json[0]['error'] ? json[0] : json
  try {
    if (isObject(reply)) return protocol.parse(reply)
    if (!protocol.read && /^(data|event|id|retry)?:/.test(text.trimStart())) return readEventsOf(text, protocol)
  } catch (error) {
    throw (error instanceof AIError && error.code === 'invalid-reply' && errorWithWords(reply, headers)) || error
  }
  const begins = text.trim().replace(/\s+/g, ' ').slice(0, 200)
  const what = begins === '' ? 'is empty' : `is not a JSON object: ${begins}`
  const details = { status, requestId: requestIdOf(headers), ...(begins !== '' && { vendorMessage: begins }) }
  throw new AIError({ code: 'invalid-reply', message: `The response ${what}.`, ...details })
}

function readEventsOf<Body>(text: string, { collect }: ChatProtocol<Body>): AIChatResponse {
  const parser = createSseParser()
  const collector = collect()
  const events = [...parser.push(text), parser.end()].filter((event) => event !== undefined)
  const { error } = deltasOf({ events, final: false }, collector)
  if (error !== undefined) throw error
  if (collector.done() || collector.completeWithoutEnd?.()) return collector.result()
  const message = 'The response is a stream of events that ends early.'
  throw new AIError({ code: 'interrupted', message, partial: collector.result() })
}

/** The error message in an object that is not a response of this protocol, if it has one. */
function errorWithWords(reply: unknown, headers?: Headers): AIError | undefined {
  if (!isObject(reply)) return undefined
  const error = errorInResponse(reply, { fallback: 'invalid-reply', ...(headers && { headers }) })
  return error.vendorMessage === undefined ? undefined : error
}

/** An error that follows the events as plain JSON. */
function errorAmong(stray: string | undefined): AIError | undefined {
  const json = stray === undefined ? undefined : parseJson(stray)
  return isObject(json) ? errorWithWords(json) : undefined
}
