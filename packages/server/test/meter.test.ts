import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { openRequest, rawRequest } from '@activepieces/test-support/raw'
import { startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RelayOutcome } from '../src/domain/connections/relay-outcome.ts'
import { ApiError } from '../src/platform/errors.ts'
import type { CallMeter, MeteredCall } from '../src/proxy/meter.ts'

const PATH = '/api/v1/ai-providers/proxy/openai/v1/chat/completions'

let upstream: Upstream
let server: TestServer
let auth: string[]
let calls: MeteredCall[] = []
let pieces: Buffer[] = []
let outcomes: RelayOutcome[] = []
let flushed = 0

const watching: CallMeter = {
  chunk: (piece) => pieces.push(piece),
  over: (outcome) => outcomes.push(outcome),
}
let start: () => CallMeter | undefined = () => watching

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer({
    meter: {
      start: (call) => {
        calls.push(call)
        return start()
      },
      flush: async () => {
        flushed++
      },
    },
  })
  auth = ['Authorization', `Bearer ${await server.token('p1')}`]
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: 'sk-0123456789' })
})

beforeEach(() => {
  calls = []
  pieces = []
  outcomes = []
  start = () => watching
  upstream.answer((_request, response) => json(response, 200, { ok: true }, { 'x-request-id': 'req_1' }))
})

afterAll(async () => {
  await server.stop()
  await upstream.close()
  expect(flushed).toBe(1)
})

const post = (body: Buffer | string) => rawRequest(server.url, { method: 'POST', path: PATH, headers: auth, body })

test('the meter sees who calls, the body, the bytes of the reply and how it went', async () => {
  const reply = await post('{"model":"gpt-5.5"}')
  expect(calls).toMatchObject([
    {
      claims: { projectId: 'p1' },
      target: { connection: { slug: 'openai', provider: 'openai' } },
      method: 'POST',
      path: '/v1/chat/completions',
      body: Buffer.from('{"model":"gpt-5.5"}'),
      bodyIsWhole: true,
    },
  ])
  expect(Buffer.concat(pieces).equals(reply.body)).toBe(true)
  const bytes = reply.body.length
  expect(outcomes).toMatchObject([{ status: 200, end: 'completed', code: undefined, bytes, requestId: 'req_1' }])
  const { firstByte = 0, total = 0 } = outcomes[0] ?? {}
  expect(firstByte).toBeGreaterThan(0)
  expect(total).toBeGreaterThanOrEqual(firstByte)
})

test('of a large body it sees the first piece, and the vendor gets the whole', async () => {
  const body = randomBytes(1_000_000)
  expect((await post(body)).status).toBe(200)
  expect(upstream.last().body.equals(body)).toBe(true)
  const [call] = calls
  expect(call?.bodyIsWhole).toBe(false)
  expect(call?.body?.length).toBeGreaterThan(0)
  expect(body.subarray(0, call?.body?.length).equals(call?.body ?? Buffer.of())).toBe(true)
})

test('it may refuse a call before anything is sent', async () => {
  start = () => {
    throw new ApiError('too-many-runs', 'No more of that.')
  }
  for (const body of ['{}', randomBytes(200_000)]) {
    const reply = await post(body)
    expect([reply.status, reply.headers['x-ai-proxy-error']]).toEqual([429, 'too-many-runs'])
  }
  expect(upstream.requests).toEqual([])
})

test('a meter that throws does not change the response', async () => {
  const fail = () => {
    throw new Error('The meter is broken.')
  }
  start = () => ({ head: fail, chunk: fail, over: fail })
  const reply = await post('{}')
  expect([reply.status, reply.body.toString()]).toEqual([200, '{"ok":true}'])
  expect(server.logs.join('')).toContain('The meter is broken.')
})

test('a caller that leaves and a vendor that breaks off are told apart', async () => {
  upstream.answer((_request, response) => response.writeHead(200).write('half'))
  const response = await openRequest(server.url, { path: PATH, headers: auth })
  await once(response, 'data')
  response.destroy()
  await expect.poll(() => outcomes).toMatchObject([{ status: 200, end: 'client-aborted', bytes: 4 }])
  upstream.answer((_request, response) => response.writeHead(200).write('half', () => response.destroy()))
  await expect(post('{}')).rejects.toThrow('aborted')
  expect(outcomes[1]).toMatchObject({ status: 200, end: 'upstream-aborted', code: 'vendor-unreachable', bytes: 4 })
})
