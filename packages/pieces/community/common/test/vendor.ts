import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import { AI } from '../src/index.ts'

export type SeenRequest = {
  method: string
  path: string
  headers: IncomingHttpHeaders
  text: string
  body: Record<string, unknown>
}

/** What the vendor does with one request. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void | Promise<void>

/** A fake vendor on this machine. Sends the prepared responses in order and repeats the last one. */
export async function startVendor() {
  const requests: SeenRequest[] = []
  let answers: Answer[] = []
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const text = Buffer.concat(pieces).toString()
    const seen = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      text,
      body: text === '' || isForm(request.headers) ? {} : JSON.parse(text),
    }
    requests.push(seen)
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    await answer?.(response, seen)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // SAFETY: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  const apiUrl = `http://127.0.0.1:${port}/api/`
  return {
    apiUrl,
    requests,
    /** The requests since the last `answerWith`. */
    answerWith: (...next: Answer[]) => {
      answers = next
      requests.length = 0
    },
    openai: () => AI({ provider: 'openai', server: { apiUrl, token: 'engine-token-1' } }),
    anthropic: () => AI({ provider: 'anthropic', server: { apiUrl, token: 'engine-token-1' } }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A vendor for the tests of one file, gone when they are over. */
export async function useVendor(): Promise<Vendor> {
  const vendor = await startVendor()
  afterAll(vendor.close)
  return vendor
}

function isForm(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('multipart/form-data') ?? false
}

export type Vendor = Awaited<ReturnType<typeof startVendor>>

/** Answers with JSON. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** Answers with any text. */
export function text(body: string, status = 200, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)
}

/** Answers with server-sent events, each an object (as `data:`) or a text (as it is). */
export function sse(events: readonly (object | string)[], headers: Record<string, string> = {}): Answer {
  return (response) =>
    void response.writeHead(200, { 'content-type': 'text/event-stream', ...headers }).end(sseText(events))
}

function sseText(events: readonly (object | string)[]): string {
  return events.map((event) => (typeof event === 'string' ? event : sseEvent(event))).join('')
}

function sseEvent(event: object): string {
  const name = 'type' in event ? `event: ${String(event.type)}\n` : ''
  return `${name}data: ${JSON.stringify(event)}\n\n`
}

export const ASK = { model: 'some-model', messages: [{ role: 'user' as const, content: 'What is a piece?' }] }

// ---- the two wires, written by hand from the vendors' documentation

export function chatCompletion(message: object, rest: object = {}) {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'gpt-5.5-2026-04-23',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    ...rest,
  }
}

export function chunk(delta: object, rest: object = {}) {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'gpt-5.5-2026-04-23',
    choices: [{ index: 0, delta, finish_reason: null }],
    usage: null,
    ...rest,
  }
}

export const DONE = 'data: [DONE]\n\n'

export function message(content: object[], rest: object = {}) {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-5-5',
    content,
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 4 },
    ...rest,
  }
}

/** The events of a streamed message with these blocks. */
export function messageEvents(blocks: { start: object; deltas: object[] }[], end: object = {}): object[] {
  return [
    {
      type: 'message_start',
      message: message([], { stop_reason: null, usage: { input_tokens: 9, output_tokens: 1 } }),
    },
    { type: 'ping' },
    ...blocks.flatMap(({ start, deltas }, index) => [
      { type: 'content_block_start', index, content_block: start },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null, ...end },
      usage: { output_tokens: 4 },
    },
    { type: 'message_stop' },
  ]
}

export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const event of events) all.push(event)
  return all
}

/** What the call throws; fails when it does not. */
export async function thrownBy(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('It did not throw.')
}
