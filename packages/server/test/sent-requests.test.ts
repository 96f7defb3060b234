import { pieceRun, type SentRequest } from '@activepieces/contract'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, expect, test } from 'vitest'

const KEY = 'sk-known-value-0123456789'
const PNG_HEAD = Buffer.from('89504e470d0a1a0a', 'hex')
const PNG = { filename: 'a.png', base64: Buffer.concat([PNG_HEAD, Buffer.alloc(90_000, 'picture')]).toString('base64') }

let server: TestServer
let upstream: Upstream

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer()
  const headers = { 'X-Team': 'a-stored-team' }
  await server.connections.save({ provider: 'openai', baseUrl: `${upstream.url}/gw`, apiKey: KEY, headers })
})
afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const completion = {
  id: 'chat-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
}

async function run(piece: string, action: string, input: object) {
  const path = `/api/v1/pieces/${piece}/actions/${action}/run`
  const { json: answer } = await server.call('POST', path, { key: ADMIN_KEY, body: { input } })
  return pieceRun.parse(answer)
}

const ask = (input: object) => run('text-ai', 'ask_ai', { provider: 'openai', model: 'gpt-4o', ...input })

test('a run tells what went over the wire, with no key and no token', async () => {
  upstream.answer((_request, response) => json(response, 200, completion))
  const { runId, requests } = await ask({ prompt: 'What is a piece?', creativity: 50 })
  const wire = upstream.last()
  expect(requests).toMatchObject([
    { connection: 'openai', method: 'POST', url: upstream.url + wire.url, bytes: wire.body.length, drill: null },
  ])
  expect(requests[0]?.body).toEqual({ type: 'json', value: JSON.parse(wire.body.toString()) })
  // Every header that arrived, but for those that the connection to the vendor brings with it.
  const shown = (requests[0]?.headers ?? []).map(({ name, value }) => [name.toLowerCase(), value])
  const { host: _host, connection: _connection, 'content-length': _length, ...arrived } = wire.headers
  const stored = { authorization: null, 'x-team': null }
  expect(Object.fromEntries(shown)).toEqual({ ...arrived, ...stored })
  expect(JSON.stringify(requests)).not.toMatch(/sk-known-value|a-stored-team|eyJ/)
  const usage = () => server.call('GET', `/api/v1/usage?runId=${runId}`, { key: ADMIN_KEY })
  await expect
    .poll(async () => (await usage()).json.data[0]?.requestId, { timeout: 15_000 })
    .toBe(requests[0]?.requestId)
})

test('a large body is told whole, its picture by the size, and goes out as it is', async () => {
  upstream.answer((_request, response) => json(response, 200, completion))
  const { requests } = await ask({ prompt: 'What is it?', files: [{ file: PNG }] })
  const wire = upstream.last().body.toString()
  expect(wire.includes(PNG.base64)).toBe(true)
  expect(requests[0]?.bytes).toBe(Buffer.byteLength(wire))
  const told = JSON.stringify(requests[0]?.body)
  expect(told).toContain('What is it?')
  expect(told).toMatch(/data:image\/png;base64,iVBORw0KGgp[\w+/]*… \(90008 bytes\)/)
  expect(told.length).toBeLessThan(2_000)
})

test('a form is told by its fields, its file by name, type and size', async () => {
  upstream.answer((_request, response) => json(response, 200, { text: 'Hello' }))
  const file = {
    filename: 'call.mp3',
    base64: Buffer.concat([Buffer.from('ID3'), Buffer.alloc(100_000)]).toString('base64'),
  }
  const { requests } = await run('audio-ai', 'transcribe_audio', { provider: 'openai', model: 'whisper-1', file })
  expect(requests[0]?.body).toMatchObject({ type: 'form' })
  expect(JSON.stringify(requests[0]?.body)).toMatch(/"model","value":"whisper-1".*call\.mp3, audio\/\w+, 100003 bytes/)
})

test('streamed, a request comes before the answer does; each attempt is told; what was refused before is not', async () => {
  const held = Promise.withResolvers<void>()
  let calls = 0
  upstream.answer((_request, response) => {
    if (calls++ === 0) json(response, 503, { error: { message: 'busy' } }, { 'retry-after': '0' })
    else void held.promise.then(() => json(response, 200, completion))
  })
  const response = await fetch(`${server.url}/api/v1/pieces/text-ai/actions/ask_ai/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ input: { provider: 'openai', model: 'gpt-4o', prompt: 'Hi' } }),
  })
  let text = ''
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (text.split('event: request').length === 3) held.resolve()
  }
  const result = pieceRun.parse(JSON.parse(text.split('event: result\ndata: ')[1] ?? ''))
  const [first, second]: (SentRequest | undefined)[] = result.requests
  expect(second?.body).toEqual(first?.body)
  expect(second?.requestId).not.toBe(first?.requestId)

  await server.projects.update('local', { monthlyBudgetUsd: 0 })
  expect(await ask({ prompt: 'two' })).toMatchObject({ status: 'failed', requests: [] })
})

test('a call that a drill keeps from the vendor says so', async () => {
  await server.projects.update('local', { monthlyBudgetUsd: null })
  await server.call('POST', '/api/v1/ai-providers/openai/drill', { key: ADMIN_KEY, body: { fault: '429' } })
  const { requests } = await ask({ prompt: 'three' })
  expect(requests[0]?.drill).toBe('429')
})
