import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { openRequest } from '@activepieces/test-support/raw'
import { startServer, type TestServer } from '@activepieces/test-support/server'
import { startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RelayOutcome } from '../src/domain/connections/relay-outcome.ts'

const PATH = '/api/v1/ai-providers/proxy/openai/v1/chat/completions'

let upstream: Upstream
let server: TestServer
let auth: string[]
let outcomes: RelayOutcome[]
let flushedAfter: number | undefined

beforeEach(async () => {
  outcomes = []
  flushedAfter = undefined
  upstream = await startUpstream()
  upstream.answer((_request, response) => response.writeHead(200).write('half'))
})

afterEach(async () => {
  await server.stop()
  await upstream.close()
})

async function start(shutdown: number) {
  server = await startServer({
    limits: { shutdownMs: shutdown },
    meter: {
      start: () => ({ chunk: () => {}, over: (outcome) => outcomes.push(outcome) }),
      flush: async () => {
        flushedAfter = outcomes.length
      },
    },
  })
  auth = ['Authorization', `Bearer ${await server.token()}`]
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: 'sk-0123456789' })
}

test('a stream that runs ends in peace, and what was counted is written after it', async () => {
  await start(10_000)
  let finish: (() => void) | undefined
  upstream.answer((_request, response) => {
    response.writeHead(200).write('half ')
    finish = () => response.end('whole')
  })
  const response = await openRequest(server.url, { path: PATH, headers: auth })
  const closed = server.close()
  finish?.()
  expect(Buffer.concat(await response.toArray()).toString()).toBe('half whole')
  await closed
  expect(outcomes).toMatchObject([{ end: 'completed' }])
  expect(flushedAfter).toBe(1)
})

test('new calls get 503 with Retry-After, on a connection that is open too', async () => {
  await start(10_000)
  const held = await openRequest(server.url, { path: PATH, headers: auth })
  // A connection in the middle of a request is not closed: its call is refused.
  const accepted = once(server.app.server, 'connection')
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  socket.write(`GET ${PATH} HTTP/1.1\r\nHost: x\r\n`)
  // SAFETY: that is what the event carries.
  const [seen] = (await accepted) as [Socket]
  await expect.poll(() => seen.bytesRead).toBeGreaterThan(0)
  const closed = server.close()
  socket.write(`Authorization: ${auth[1]}\r\n\r\n`)
  const said = Buffer.concat(await socket.toArray()).toString()
  expect(said).toMatch(/^HTTP\/1.1 503 .*\r\nconnection: close\r\n/is)
  expect(said).toMatch(/\r\nretry-after: 2\r\n.*"type":"overloaded_error","code":"shutting-down"/is)
  held.on('error', () => {}).destroy()
  await closed
})

test('a stream that does not end is cut at the limit, seen by its caller and counted', async () => {
  await start(300)
  const response = await openRequest(server.url, { path: PATH, headers: auth })
  const read = response.toArray()
  const closed = server.close()
  await expect(read).rejects.toThrow('aborted')
  await closed
  expect(outcomes.length).toBe(1)
  expect(flushedAfter).toBe(1)
})
