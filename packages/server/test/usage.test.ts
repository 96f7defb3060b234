import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import { usagePage, usageSummary } from '@activepieces/contract'
import { openRequest, rawRequest } from '@activepieces/test-support/raw'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, expect, test } from 'vitest'

let upstream: Upstream
let server: TestServer
let token: string

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer({ pieces: {} })
  token = await server.token('shop')
  for (const provider of ['openai', 'anthropic', 'gemini', 'openrouter', 'cohere', 'ollama']) {
    await server.connections.save({ provider, baseUrl: upstream.url, apiKey: 'sk-0123456789' })
  }
})

afterAll(async () => {
  await server.stop()
  await upstream.close()
  expect(server.logs.filter((line) => line.includes('could not be metered'))).toEqual([])
})

const admin = (path: string) => server.call('GET', `/api/v1${path}`, { key: ADMIN_KEY })
const call = (path: string, body: string | Buffer, headers: string[] = []) =>
  rawRequest(server.url, {
    method: 'POST',
    path: `/api/v1/ai-providers/proxy/${path}`,
    headers: ['Authorization', `Bearer ${token}`, ...headers],
    body,
  })

const rows = async (query = '') => usagePage.parse((await admin(`/usage?limit=1000${query}`)).json).data

/** The newest row, once there are more than before. */
async function rowAfter(run: () => Promise<unknown>) {
  const before = (await rows()).length
  await run().catch(() => undefined)
  await expect.poll(async () => (await rows()).length, { timeout: 10_000 }).toBe(before + 1)
  const [row] = await rows()
  if (!row) throw new Error('There is no row.')
  return row
}

const answer = (body: object, type = 'application/json') =>
  upstream.answer((_request, response) => response.writeHead(200, { 'content-type': type }).end(JSON.stringify(body)))

function stream(...events: (object | string)[]) {
  const lines = events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
  upstream.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    for (const line of lines) response.write(line)
    response.end()
  })
}

const CHAT_USAGE = {
  prompt_tokens: 100,
  completion_tokens: 30,
  total_tokens: 130,
  prompt_tokens_details: { cached_tokens: 60 },
  completion_tokens_details: { reasoning_tokens: 10 },
}
const CHAT_PARTS = { uncachedTokens: 40, cacheReadTokens: 60, outputTokens: 20, reasoningTokens: 10 }

test('a call is a row: who, what, tokens in parts, cost, times, ids', async () => {
  const { token: ofRun } = await server.mintEngineToken({ projectId: 'shop', runId: 'run-7' })
  upstream.answer((_request, response) => {
    const reply = { model: 'gpt-4o-2024-08-06', usage: CHAT_USAGE }
    json(response, 200, reply, { 'x-request-id': 'req_1' })
  })
  const row = await rowAfter(() =>
    rawRequest(server.url, {
      method: 'POST',
      path: '/api/v1/ai-providers/proxy/openai/v1/chat/completions',
      headers: ['Authorization', `Bearer ${ofRun}`, 'Content-Type', 'application/json'],
      body: '{"model":"gpt-4o"}',
    }),
  )
  expect(row).toMatchObject({
    projectId: 'shop',
    runId: 'run-7',
    connection: 'openai',
    provider: 'openai',
    operation: 'chat',
    model: 'gpt-4o',
    status: 200,
    error: null,
    actor: null,
    ...CHAT_PARTS,
    cacheWriteTokens: null,
    costSource: 'table',
    pricedAs: 'gpt-4o',
    vendorRequestId: 'req_1',
    completeness: 'complete',
  })
  expect(row.costUsd).toBeCloseTo((40 * 2.5 + 60 * 1.25 + 30 * 10) / 1e6, 10)
  expect(row.totalMs).toBeGreaterThanOrEqual(row.firstByteMs ?? Infinity)
  const { data } = (await admin('/ai-providers')).json
  expect(data.find(({ slug }: { slug: string }) => slug === 'openai')).toMatchObject({
    status: 'active',
    lastUsedAt: expect.any(String),
  })
})

const ANTHROPIC_START = {
  type: 'message_start',
  message: {
    model: 'claude-sonnet-4-5',
    usage: { input_tokens: 5, cache_read_input_tokens: 50, cache_creation_input_tokens: 7, output_tokens: 1 },
  },
}
const ANTHROPIC_END = { type: 'message_delta', delta: {}, usage: { output_tokens: 40 } }
const ANTHROPIC_PARTS = { uncachedTokens: 5, cacheReadTokens: 50, cacheWriteTokens: 7, outputTokens: 40 }
const RESPONSES_USAGE = {
  input_tokens: 100,
  output_tokens: 30,
  input_tokens_details: { cached_tokens: 60 },
  output_tokens_details: { reasoning_tokens: 10 },
}
const GEMINI_USAGE = {
  promptTokenCount: 100,
  candidatesTokenCount: 20,
  thoughtsTokenCount: 10,
  cachedContentTokenCount: 60,
}
const LONG = 'x'.repeat(200_000)

test.each<[string, string, () => void, object]>([
  [
    'chat completions, a stream with null until its end',
    'openai/v1/chat/completions',
    () => stream({ model: 'gpt-4o', usage: null }, { model: 'gpt-4o', choices: [], usage: CHAT_USAGE }, '[DONE]'),
    { operation: 'chat', model: 'gpt-4o', ...CHAT_PARTS },
  ],
  [
    'responses, plain',
    'openai/v1/responses',
    () => answer({ model: 'gpt-5.5', output: [], usage: RESPONSES_USAGE }),
    { operation: 'chat', model: 'gpt-5.5', ...CHAT_PARTS },
  ],
  [
    'responses, a stream whose last event is longer than what is kept',
    'openai/v1/responses',
    () =>
      stream(
        { type: 'response.created', response: { model: 'gpt-5.5' } },
        { type: 'response.completed', response: { output: LONG, usage: RESPONSES_USAGE } },
      ),
    { operation: 'chat', model: 'gpt-5.5', ...CHAT_PARTS },
  ],
  [
    'messages, plain; a tool is called with arguments that look like usage',
    'anthropic/v1/messages',
    () =>
      answer({
        ...ANTHROPIC_START.message,
        content: [{ input: { usage: { input_tokens: 9 } } }],
        usage: { ...ANTHROPIC_START.message.usage, output_tokens: 40 },
      }),
    { operation: 'chat', model: 'claude-sonnet-4-5', ...ANTHROPIC_PARTS },
  ],
  [
    'messages, a stream: the prompt in its first event, the rest in its last',
    'anthropic/v1/messages',
    () => stream(ANTHROPIC_START, ...Array.from({ length: 40 }, () => ({ text: 'y'.repeat(5_000) })), ANTHROPIC_END),
    { operation: 'chat', model: 'claude-sonnet-4-5', ...ANTHROPIC_PARTS },
  ],
  [
    'gemini, plain: the model stands in the path',
    'gemini/v1beta/models/gemini-2.5-pro:generateContent',
    () => answer({ candidates: [], usageMetadata: GEMINI_USAGE, modelVersion: 'gemini-2.5-pro' }),
    { operation: 'chat', model: 'gemini-2.5-pro', ...CHAT_PARTS },
  ],
  [
    'gemini, a stream that counts as it goes',
    'gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    () => stream({ usageMetadata: { promptTokenCount: 100 } }, { usageMetadata: GEMINI_USAGE }),
    { operation: 'chat', model: 'gemini-2.5-pro', ...CHAT_PARTS },
  ],
  [
    'a picture among the usage: too long to parse',
    'gemini/v1beta/models/gemini-3-pro-image:generateContent',
    () => answer({ candidates: [{ inlineData: LONG }], usageMetadata: GEMINI_USAGE }),
    { operation: 'chat', model: 'gemini-3-pro-image', ...CHAT_PARTS },
  ],
  [
    'cohere: tokens, not what is billed',
    'cohere/v2/chat',
    () => answer({ usage: { billed_units: { input_tokens: 1 }, tokens: { input_tokens: 8, output_tokens: 3 } } }),
    { operation: 'chat', uncachedTokens: 8, outputTokens: 3 },
  ],
  [
    'embeddings',
    'openai/v1/embeddings',
    () => answer({ model: 'text-embedding-3-small', data: [], usage: { prompt_tokens: 1000, total_tokens: 1000 } }),
    { operation: 'embeddings', uncachedTokens: 1000, outputTokens: null, costUsd: 0.00002 },
  ],
  [
    'images',
    'openai/v1/images/generations',
    () => answer({ data: [{ b64_json: LONG }], usage: { input_tokens: 50, output_tokens: 4160, total_tokens: 4210 } }),
    { operation: 'image', uncachedTokens: 50, outputTokens: 4160 },
  ],
  [
    'a transcript that is counted by its length',
    'openai/v1/audio/transcriptions',
    () => answer({ text: 'hi', usage: { type: 'duration', seconds: 9 } }),
    { operation: 'transcription', uncachedTokens: null, costUsd: null },
  ],
  [
    'speech',
    'openai/v1/audio/speech',
    () => upstream.answer((_request, response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end('mp3')),
    { operation: 'speech', uncachedTokens: null, outputTokens: null, costUsd: null, status: 200 },
  ],
  [
    'a price that the vendor says itself',
    'openrouter/v1/chat/completions',
    () => answer({ model: 'openai/gpt-4o', usage: { ...CHAT_USAGE, cost: 0.0042 } }),
    { costUsd: 0.0042, costSource: 'vendor', pricedAs: null },
  ],
  [
    'a model without a known price',
    'openai/v1/chat/completions',
    () => answer({ model: 'made-up', usage: CHAT_USAGE }),
    { ...CHAT_PARTS, costUsd: null, costSource: null },
  ],
  [
    'a provider that is free',
    'ollama/v1/chat/completions',
    () => answer({ model: 'llama3.2', usage: CHAT_USAGE }),
    { ...CHAT_PARTS, costUsd: 0, costSource: 'free', estimated: false },
  ],
  [
    'a reply without usage',
    'openai/v1/chat/completions',
    () => answer({ model: 'gpt-4o', choices: [{ message: { content: 'x'.repeat(400) } }] }),
    { uncachedTokens: 1, outputTokens: 100, costUsd: (1 * 2.5 + 100 * 10) / 1e6, costSource: 'table', estimated: true },
  ],
  [
    'a stream without usage, longer than what is kept',
    'openai/v1/chat/completions',
    () =>
      stream(...Array.from({ length: 2_000 }, () => ({ model: 'gpt-4o', choices: [{ delta: { content: 'word' } }] }))),
    { outputTokens: expect.closeTo(2_000, -2), estimated: true },
  ],
  [
    'usage that is nonsense',
    'openai/v1/chat/completions',
    () => answer({ model: 'm\u0000', content: 'four', usage: { prompt_tokens: -1.5, completion_tokens: 1e30 } }),
    { uncachedTokens: 1, outputTokens: 1, model: 'm', costUsd: null, estimated: true },
  ],
])('%s', async (_name, path, reply, expected) => {
  reply()
  expect(await rowAfter(() => call(path, '{}'))).toMatchObject(expected)
})

test('what is compressed passes as it came, and is read beside', async () => {
  const body = gzipSync(JSON.stringify({ model: 'gpt-4o', usage: CHAT_USAGE }))
  upstream.answer((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body),
  )
  let passed: Buffer | undefined
  const row = await rowAfter(async () => {
    passed = (await call('openai/v1/chat/completions', '{}', ['Accept-Encoding', 'gzip'])).body
  })
  expect(passed?.equals(body)).toBe(true)
  expect(row).toMatchObject({ model: 'gpt-4o', ...CHAT_PARTS })
  upstream.answer((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('no gzip'),
  )
  // What cannot be read counts as what would be set aside for it.
  expect(await rowAfter(() => call('openai/v1/chat/completions', '{"max_tokens":7}'))).toMatchObject({
    outputTokens: 7,
    estimated: true,
  })
})

test.each([
  [
    401,
    { error: { code: 'invalid_api_key', message: 'Incorrect API key' } },
    'authentication',
    'admin',
    'key-rejected',
  ],
  [429, { error: { code: 'insufficient_quota', message: 'no credit' } }, 'out-of-credit', 'admin', 'out-of-credit'],
  [429, { error: { code: 'rate_limit_exceeded', message: 'slow down' } }, 'rate-limit', 'nobody', 'active'],
  [400, { error: { message: 'bad temperature' } }, 'invalid-request', 'flow-author', 'active'],
  [503, 'no JSON', 'overloaded', 'nobody', 'active'],
])('a %i says who must act, and how the connection is: %j', async (status, body, error, actor, health) => {
  answer({ model: 'gpt-4o', usage: CHAT_USAGE })
  await rowAfter(() => call('openai/v1/chat/completions', '{}'))
  upstream.answer((_request, response) => json(response, status, body))
  const row = await rowAfter(() => call('openai/v1/chat/completions', '{"model":"gpt-4o"}'))
  expect(row).toMatchObject({ status, error, actor, model: 'gpt-4o', uncachedTokens: null, completeness: 'complete' })
  const { data } = (await admin('/ai-providers')).json
  const connection = data.find(({ slug }: { slug: string }) => slug === 'openai')
  expect(connection.status).toBe(health)
  if (health !== 'active') expect(connection.statusReason).toMatch(/API key|credit/)
})

test('a call that only reads costs nothing: it is not a call without a price', async () => {
  const unpriced = async () => usageSummary.parse((await admin('/usage/summary')).json).total.unpricedCalls
  const before = await unpriced()
  answer({ data: [{ id: 'gpt-4o' }] })
  const headers = ['Authorization', `Bearer ${token}`]
  const list = (path: string) =>
    rowAfter(() => rawRequest(server.url, { path: `/api/v1/ai-providers/proxy/${path}`, headers }))
  expect(await list('openai/v1/models?limit=5')).toMatchObject({ operation: 'models', costUsd: 0, costSource: 'free' })
  expect(await list('openai/v1/models/gpt-4o')).toMatchObject({ operation: 'models' })
  expect(await unpriced()).toBe(before)
  expect(await list('openai/v1/predictions/1')).toMatchObject({ operation: 'other', costUsd: 0 })
  expect(await unpriced()).toBe(before)
  expect(await rowAfter(() => call('openai/v1/predictions', '{}'))).toMatchObject({ operation: 'other', costUsd: null })
  expect(await unpriced()).toBe(before + 1)
})

test('a stream that the caller leaves keeps the usage of its beginning and adds what came', async () => {
  upstream.answer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: ${JSON.stringify(ANTHROPIC_START)}\n\n`)
    response.write(`data: {"type":"content_block_delta","delta":{"text":"${'y'.repeat(2_000)}`)
  })
  const row = await rowAfter(async () => {
    const headers = ['Authorization', `Bearer ${token}`]
    const path = '/api/v1/ai-providers/proxy/anthropic/v1/messages'
    const response = await openRequest(server.url, { method: 'POST', path, headers, body: '{}' })
    await once(response, 'data')
    response.destroy()
  })
  expect(row).toMatchObject({ ...ANTHROPIC_PARTS, outputTokens: 500, completeness: 'aborted', estimated: true })
})

test('an error inside a stream, a reply that breaks off, a caller that leaves, a vendor that is not there', async () => {
  stream({ model: 'gpt-4o' }, { error: { type: 'overloaded_error', message: 'Overloaded' } })
  const inside = await rowAfter(() => call('openai/v1/chat/completions', '{}'))
  expect(inside).toMatchObject({ status: 200, error: 'overloaded', completeness: 'complete' })

  upstream.answer((_request, response) => response.writeHead(200).write('half', () => response.destroy()))
  const cut = await rowAfter(() => call('openai/v1/chat/completions', '{}'))
  expect(cut).toMatchObject({ error: 'interrupted', actor: 'nobody', completeness: 'truncated' })

  upstream.answer((_request, response) => response.writeHead(200).write('half'))
  const left = await rowAfter(async () => {
    const headers = ['Authorization', `Bearer ${token}`]
    const response = await openRequest(server.url, { path: '/api/v1/ai-providers/proxy/openai/v1/x', headers })
    response.destroy()
  })
  expect(left).toMatchObject({ error: 'aborted', completeness: 'aborted', operation: 'other' })

  await server.connections.save({ provider: 'openai', slug: 'gone', baseUrl: 'http://127.0.0.1:1', apiKey: 'k' })
  const gone = await rowAfter(() => call('gone/v1/chat/completions', '{}'))
  expect(gone).toMatchObject({ status: 502, error: 'unreachable', actor: 'admin', completeness: 'failed' })
  const { data } = (await admin('/ai-providers')).json
  expect(data.find(({ slug }: { slug: string }) => slug === 'gone')).toMatchObject({
    status: 'unreachable',
    statusReason: expect.stringContaining('nothing is listening'),
  })
})

test('rows are filtered and paged, and summed up', async () => {
  const failed = await rows('&outcome=failed')
  expect(failed.length).toBeGreaterThan(5)
  expect(failed.every(({ error }) => error !== null && error !== 'aborted')).toBe(true)
  const all = await rows('&connection=openai')
  const paged: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page = usagePage.parse((await admin(`/usage?connection=openai&limit=7${cursor && `&cursor=${cursor}`}`)).json)
    paged.push(...page.data.map(({ id }) => id))
    cursor = page.next
  }
  expect(paged).toEqual(all.map(({ id }) => id))

  const summary = usageSummary.parse((await admin('/usage/summary?groupBy=provider&splitBy=model')).json)
  const everything = await rows()
  expect(summary.total.calls).toBe(everything.length)
  expect(summary.data.reduce((sum, { calls }) => sum + calls, 0)).toBe(everything.length)
  const known = everything.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0)
  expect(summary.total.costUsd).toBeCloseTo(known, 9)
  for (const { costUsd } of [summary.total, ...everything])
    expect(String(costUsd)).toMatch(/^(null|\d+(\.\d{1,10})?(e-\d+)?)$/) // no 0.0008200000000000001
  const days = usageSummary.parse((await admin('/usage/summary?groupBy=day&projectId=shop')).json)
  expect(days.data).toMatchObject([{ group: new Date().toISOString().slice(0, 10), split: null }])
  const actors = usageSummary.parse((await admin('/usage/summary?groupBy=actor&outcome=failed')).json)
  expect(actors.data.map(({ group }) => group).sort()).toEqual(['admin', 'flow-author', 'nobody'])
  const none = usageSummary.parse((await admin('/usage/summary?to=2020-01-01T00:00:00Z')).json)
  expect(none).toMatchObject({ data: [], total: { calls: 0, costUsd: 0 } })
  const wrong = await admin('/usage/summary?groupBy=colour')
  expect([wrong.status, wrong.json.error.param]).toEqual([400, 'groupBy'])
})
