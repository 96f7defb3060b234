// The vendor of the proxy rows: as light as Node lets it be, so that what is measured is the proxy.
// A call gets 1 KB, or with `"stream":true` 50 pieces, 40 ms apart; …/files/20 gets 20 MB.
import { createServer, type ServerResponse } from 'node:http'
import { serve } from '../side.ts'
import { PAUSE, PIECES } from "./timing.ts"


const REPLY = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: 'gpt-5.5',
    choices: [
      { index: 0, message: { role: 'assistant', content: 'A piece. '.repeat(85) }, logprobs: null, finish_reason: 'stop' },
    ],
    usage: { prompt_tokens: 9, completion_tokens: 150, total_tokens: 159 },
  }),
)
const HEAD = { 'content-type': 'application/json', 'content-length': REPLY.length, 'x-request-id': 'req_1' }

const server = createServer((request, response) => {
  let streams = false
  request.on('data', (piece: Buffer) => {
    streams ||= piece.includes('"stream":true')
  })
  request.on('end', () => {
    const path = request.url ?? ''
    if (path.includes('/files/')) send(response, Number(path.split('/').at(-1)))
    else if (streams) stream(response)
    else response.writeHead(200, HEAD).end(REPLY)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1')
serve(() => {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})

const event = (data: object) => Buffer.from(`data: ${JSON.stringify(data)}\n\n`)
const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'gpt-5.5' }
const DELTA = event({ ...base, choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }] })
const LAST = Buffer.concat([
  event({ ...base, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  event({ ...base, choices: [], usage: { prompt_tokens: 9, completion_tokens: 50, total_tokens: 59 } }),
  Buffer.from('data: [DONE]\n\n'),
])

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(DELTA)
  let sent = 1
  const timer = setInterval(() => {
    if (++sent < PIECES) return response.write(DELTA)
    clearInterval(timer)
    return response.end(LAST)
  }, PAUSE)
  response.on('close', () => clearInterval(timer))
}

function send(response: ServerResponse, megabytes: number): void {
  const piece = Buffer.alloc(64 * 1024, 'x')
  let left = megabytes * 16
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': left * piece.length })
  const more = () => {
    while (left > 0) {
      left--
      if (!response.write(piece)) return response.once('drain', more)
    }
    return response.end()
  }
  more()
}
