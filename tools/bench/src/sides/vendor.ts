// Fake vendor of the proxy rows, on plain sockets so that the proxy is measured and not the vendor. A call returns 1 KB, or
// with `"stream":true` 50 chunks, 40 ms apart. GET …/files/20 returns 20 MB.
import { createServer, type Socket } from 'node:net'
import { serve } from '../side.ts'
import { CHUNK_INTERVAL_MS, CHUNKS_PER_STREAM } from './timing.ts'

const server = createServer({ noDelay: true }, (socket) => {
  let received = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
    const head = received.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0)
    if (received.length < head + 4 + length) return
    const request = received
    received = ''
    if (request.startsWith('GET')) send(socket, Number(/\/files\/(\d+)/.exec(request)?.[1] ?? 0))
    else if (request.includes('"stream":true')) stream(socket)
    else socket.write(RESPONSE)
  })
})
server.listen(0, '127.0.0.1')
serve(() => {
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})

const COMMON_HEADERS =
  'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=60\r\nx-request-id: req_1\r\nDate: Mon, 23 Nov 2026 18:00:00 GMT\r\n'

const COMPLETION = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: 'gpt-5.5',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'A piece. '.repeat(85) },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 9, completion_tokens: 150, total_tokens: 159 },
})
const RESPONSE = Buffer.from(
  `${COMMON_HEADERS}content-type: application/json\r\ncontent-length: ${COMPLETION.length}\r\n\r\n${COMPLETION}`,
)

const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_790_000_000, model: 'gpt-5.5' }
const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

const DELTA = chunk(event({ ...base, choices: [{ index: 0, delta: { content: 'word ' }, finish_reason: null }] }))
const FIRST = Buffer.from(
  `${COMMON_HEADERS}content-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n${DELTA}`,
)
const NEXT = Buffer.from(DELTA)
const STOP = event({ ...base, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
const USAGE = event({ ...base, choices: [], usage: { prompt_tokens: 9, completion_tokens: 50, total_tokens: 59 } })
const LAST = Buffer.from(`${chunk(`${STOP}${USAGE}data: [DONE]\n\n`)}0\r\n\r\n`)

function stream(socket: Socket): void {
  socket.write(FIRST)
  let sent = 1
  const timer = setInterval(() => {
    if (++sent < CHUNKS_PER_STREAM) return socket.write(NEXT)
    clearInterval(timer)
    socket.off('close', stop)
    return socket.write(LAST)
  }, CHUNK_INTERVAL_MS)
  const stop = () => clearInterval(timer)
  socket.on('close', stop)
}

function send(socket: Socket, megabytes: number): void {
  const piece = Buffer.alloc(64 * 1024, 'x')
  let left = megabytes * 16
  socket.write(
    `${COMMON_HEADERS}content-type: application/octet-stream\r\ncontent-length: ${left * piece.length}\r\n\r\n`,
  )
  const more = () => {
    while (left > 0) {
      left--
      if (!socket.write(piece)) {
        socket.once('drain', more)
        return
      }
    }
  }
  more()
}
