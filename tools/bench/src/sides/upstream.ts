// Fake vendor of the library rows: an HTTP server with fixed responses of 1 KB, and streams with the number of chunks in the
// model's name.
import { createServer, type ServerResponse } from 'node:http'
import { serve } from '../side.ts'

const CHUNKS_PER_TURN = 10
const WORDS = 'The quick brown fox jumps over the lazy dog. '

const server = createServer(async (request, response) => {
  let text = ''
  request.setEncoding('utf8')
  for await (const piece of request) text += piece
  const body = JSON.parse(text)
  const protocol = request.url?.endsWith('/messages') ? ANTHROPIC : OPENAI
  if (body.stream) stream(response, protocol, Number(/\d+$/.exec(body.model)?.[0] ?? 10))
  else
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': protocol.response.length })
      .end(protocol.response)
})
server.listen(0, '127.0.0.1')
server.keepAliveTimeout = 60_000
serve(() => `http://127.0.0.1:${portOf(server.address())}/api/`)

function portOf(address: ReturnType<typeof server.address>): number {
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('The upstream is not listening.')
}

/** Writes a few chunks per turn of the event loop, as long as the reader keeps up. */
function stream(response: ServerResponse, protocol: Protocol, chunks: number): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(protocol.head)
  let sent = 0
  const turn = () => {
    const until = Math.min(chunks, sent + CHUNKS_PER_TURN)
    let text = ''
    for (; sent < until; sent++) text += protocol.chunk
    const hasRoom = response.write(text)
    if (response.destroyed) return
    if (sent === chunks) response.end(protocol.tail)
    else if (hasRoom) setImmediate(turn)
    else response.once('drain', turn)
  }
  setImmediate(turn)
}

type Protocol = { response: Buffer; head: string; chunk: string; tail: string }

function event(data: { type?: string }): string {
  return `${data.type ? `event: ${data.type}\n` : ''}data: ${JSON.stringify(data)}\n\n`
}

function chunk(delta: object, finish_reason: string | null = null): string {
  const head = {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'gpt-5.5-2026-04-23',
  }
  return event({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }] } as object)
}

const OPENAI: Protocol = {
  response: Buffer.from(
    JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_790_000_000,
      model: 'gpt-5.5-2026-04-23',
      choices: [
        { index: 0, message: { role: 'assistant', content: WORDS.repeat(15) }, logprobs: null, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 150, total_tokens: 159 },
    }),
  ),
  head: chunk({ role: 'assistant', content: '' }),
  chunk: chunk({ content: 'word ' }),
  tail: `${chunk({}, 'stop')}data: [DONE]\n\n`,
}

const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-5-5', stop_sequence: null }

const ANTHROPIC: Protocol = {
  response: Buffer.from(
    JSON.stringify({
      ...MESSAGE,
      content: [{ type: 'text', text: WORDS.repeat(15) }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 9, output_tokens: 150 },
    }),
  ),
  head:
    event({
      type: 'message_start',
      message: { ...MESSAGE, content: [], stop_reason: null, usage: { input_tokens: 9, output_tokens: 1 } },
    } as object) +
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as object),
  chunk: event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'word ' } } as object),
  tail:
    event({ type: 'content_block_stop', index: 0 } as object) +
    event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 2000 },
    } as object) +
    event({ type: 'message_stop' }),
}
