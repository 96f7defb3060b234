import type { CreateProjectBody } from '@activepieces/contract'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

let upstream: Upstream
let server: TestServer

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer({ pieces: {} })
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: 'sk-0123456789' })
  await server.connections.save({ provider: 'ollama', baseUrl: upstream.url })
  await server.connections.save({ provider: 'anthropic', baseUrl: upstream.url, apiKey: 'sk-0123456789' })
})

beforeEach(() => upstream.answer((_request, response) => json(response, 200, REPLY)))

afterAll(async () => {
  await server.stop()
  await upstream.close()
})

/** Of gpt-4o: 1000 tokens of completion cost a cent. */
const CENT = 0.01
const REPLY = { model: 'gpt-4o', choices: [], usage: { prompt_tokens: 0, completion_tokens: 1000, total_tokens: 1000 } }

const PRICE = { type: 'price', inputUsdPerMillionTokens: 1, outputUsdPerMillionTokens: 10 } as const
const SLOWLY = { timeout: 10_000 }
const STREAM = '{"model":"gpt-4o","stream":true,"messages":[]}'

let made = 0
async function project(limits: Omit<CreateProjectBody, 'id' | 'name'>) {
  const id = `project-${made++}`
  await server.projects.create({ id, name: id, ...limits })
  return id
}

const proxy = (slug: string) => `${server.url}/api/v1/ai-providers/proxy/${slug}`

const post = (token: string, path: string, body: string, signal?: AbortSignal) =>
  fetch(proxy(path), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
    signal: signal ?? null,
  })

async function call(token: string, body: object = { model: 'gpt-4o', max_tokens: 1000 }, signal?: AbortSignal) {
  const response = await post(token, 'openai/v1/chat/completions', JSON.stringify(body), signal)
  const text = await response.text()
  return { status: response.status, retryAfter: response.headers.get('retry-after'), error: JSON.parse(text).error }
}

const spentOf = async (projectId: string) =>
  (await server.call('GET', `/api/v1/usage/summary?projectId=${projectId}`, { key: ADMIN_KEY })).json.total

describe('requests a minute', () => {
  test('more than these are 429 with the seconds to wait, however many come at once', async () => {
    const token = await server.token(await project({ requestsPerMinute: 7 }))
    // A minute of the clock may end in the middle.
    let replies: Awaited<ReturnType<typeof call>>[] = []
    do replies = await Promise.all(Array.from({ length: 30 }, () => call(token)))
    while (new Date().getSeconds() === 0 && replies.filter(({ status }) => status === 200).length !== 7)
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(7)
    const refused = replies.find(({ status }) => status !== 200)
    expect(refused).toMatchObject({ status: 429, error: { code: 'rate-limit-reached', type: 'rate_limit_error' } })
    expect(Number(refused?.retryAfter)).toBeGreaterThan(0)
    expect(Number(refused?.retryAfter)).toBeLessThanOrEqual(60)
    expect(refused?.error.message).toContain('7 requests per minute')
    expect(upstream.requests).toHaveLength(7)
  })

  test('a limit that is raised is in force at once', async () => {
    const id = await project({ requestsPerMinute: 1 })
    const token = await server.token(id)
    await call(token)
    await server.projects.update(id, { requestsPerMinute: 100 })
    expect((await call(token)).status).toBe(200)
  })
})

describe('a budget', () => {
  test('is never gone over by calls at once that cost what was estimated', async () => {
    const id = await project({ monthlyBudgetUsd: 10 * CENT + 0.001 })
    const token = await server.token(id)
    const replies = await Promise.all(Array.from({ length: 40 }, () => call(token)))
    const paid = replies.filter(({ status }) => status === 200)
    expect(paid.length).toBeLessThanOrEqual(10)
    expect(paid.length).toBeGreaterThanOrEqual(9) // the prompt is estimated too, at a fraction of a cent
    const refused = replies.find(({ status }) => status !== 200)
    expect(refused).toMatchObject({ status: 402, error: { code: 'budget-reached', type: 'billing_error' } })
    expect(refused?.error.message).toMatch(/\$0\.101\b.* is left, .*estimated at \$0\.01/)
    await expect.poll(() => spentOf(id), SLOWLY).toMatchObject({ calls: paid.length })
    expect((await spentOf(id)).costUsd).toBeCloseTo(paid.length * CENT, 9)
    expect(upstream.requests).toHaveLength(paid.length)
  })

  test('is given back what a call did not cost: calls that fail, and short answers', async () => {
    const id = await project({ monthlyBudgetUsd: 1.5 * CENT })
    const token = await server.token(id)
    upstream.answer((_request, response) => json(response, 500, { error: { message: 'no' } }))
    for (let failed = 0; failed < 5; failed++) expect((await call(token)).status).toBe(500)
    upstream.answer((_request, response) =>
      json(response, 200, { ...REPLY, usage: { ...REPLY.usage, completion_tokens: 1 } }),
    )
    for (let short = 0; short < 5; short++) expect((await call(token)).status).toBe(200)
    upstream.answer((_request, response) => json(response, 200, REPLY))
    expect((await call(token)).status).toBe(200)
    expect((await call(token)).status).toBe(402)
    await server.projects.update(id, { monthlyBudgetUsd: 1 })
    expect((await call(token)).status).toBe(200)
  })

  test('counts what was spent before there was one', async () => {
    const id = await project({})
    const token = await server.token(id)
    for (let free = 0; free < 3; free++) await call(token)
    await expect.poll(() => spentOf(id), SLOWLY).toMatchObject({ calls: 3 })
    await server.projects.update(id, { monthlyBudgetUsd: 3 * CENT })
    expect((await call(token)).status).toBe(402)
  })

  test('refuses calls without a known price, for the project and for tokens with a limit, and says what to do', async () => {
    const id = await project({ monthlyBudgetUsd: 1 })
    const ofProject = await server.token(id)
    const { token: ofToken } = await server.mintEngineToken({ maxCostUsd: 1 })
    const before = upstream.requests.length
    for (const token of [ofProject, ofToken]) {
      for (const model of ['made-up', 'whisper-1']) {
        const { status, error } = await call(token, { model })
        expect(status).toBe(402)
        expect(error).toMatchObject({ code: 'price-unknown', actor: 'admin', retryable: false })
        expect(error.message).toContain(`The price of "${model}" is unknown`)
      }
      // Which of the two a vendor reads is anybody's guess.
      const twice = await post(token, 'openai/v1/chat/completions', '{"model":"gpt-4o","model":"made-up"}')
      expect(await twice.json()).toMatchObject({ error: { code: 'price-unknown' } })
      const nameless = await post(token, 'openai/v1/batches', '{"input_file_id":"file-1"}')
      expect(await nameless.json()).toMatchObject({ error: { message: expect.stringContaining('names no model') } })
    }
    expect(upstream.requests).toHaveLength(before)
  })

  test('is not used by free calls: reading, counting tokens, and a local provider', async () => {
    const token = await server.token(await project({ monthlyBudgetUsd: 0 }))
    const ask = (path: string) => post(token, path, '{"model":"qwen3"}')
    expect((await ask('ollama/v1/chat/completions')).status).toBe(200)
    expect((await ask('anthropic/v1/messages/count_tokens')).status).toBe(200)
    const list = await fetch(`${proxy('openai')}/v1/models`, { headers: { authorization: `Bearer ${token}` } })
    expect(list.status).toBe(200)
    expect((await ask('anthropic/v1/messages')).status).toBe(402)
  })

  test.each([
    '/v1/chat/completions;x=/count_tokens',
    '/v1/chat/completions/count_tokens',
    '/v1/chat/completions/tokenize',
    '/v1/chat/completions/x:countTokens',
  ])('is used by calls whose path only ends like a free one: %s', async (path) => {
    const token = await server.token(await project({ monthlyBudgetUsd: 0 }))
    expect((await post(token, `openai${path}`, '{"model":"gpt-4o"}')).status).toBe(402)
  })

  const JSON_BODY = '{"model":"gpt-4o","messages":[],"model":"made-up"}'
  const form = (before: string) =>
    `${before}--x\r\nContent-Disposition: form-data; name=model\r\n\r\nmade-up\r\n--x--\r\n`
  test.each([
    ['of another type', 'text/json', JSON_BODY],
    ['of another charset', 'application/json; charset=utf8', JSON_BODY],
    ['without a type', undefined, JSON_BODY],
    [
      'with an invalid byte',
      'application/json',
      Buffer.concat([Buffer.from(JSON_BODY.slice(0, -1)), Buffer.from(',"a":"\xff"}', 'latin1')]),
    ],
    ['with a preamble', 'multipart/form-data; boundary=x', form('name="model"\r\n\r\ngpt-4o\r\n')],
    [
      'with a file',
      'multipart/form-data; boundary=x',
      form('--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nname="model"\r\n\r\ngpt-4o\r\n\r\n'),
    ],
  ])('refuses a body %s whose model another parser may read differently', async (_name, type, body) => {
    const token = await server.token(await project({ monthlyBudgetUsd: 1 }))
    const headers = { authorization: `Bearer ${token}`, ...(type !== undefined && { 'content-type': type }) }
    const response = await fetch(`${proxy('openai')}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: Buffer.from(body),
    })
    expect(await response.json()).toMatchObject({ error: { code: 'price-unknown' } })
  })

  test('counts models without a price at the price that the project sets', async () => {
    const id = await project({ monthlyBudgetUsd: 2.5 * CENT, unpricedModels: PRICE })
    upstream.answer((_request, response) => json(response, 200, { model: 'own', usage: REPLY.usage }))
    const token = await server.token(id)
    const statuses = []
    for (let made = 0; made < 4; made++) statuses.push((await call(token, { model: 'own', max_tokens: 1000 })).status)
    expect(statuses).toEqual([200, 200, 402, 402])
    await expect.poll(() => spentOf(id), SLOWLY).toMatchObject({ calls: 2, unpricedCalls: 0 })
    expect((await spentOf(id)).costUsd).toBeCloseTo(2 * CENT, 9)
  })

  test('lets models without a price through where the project allows it, until a call turns out to be priced', async () => {
    const id = await project({ monthlyBudgetUsd: 2 * CENT, unpricedModels: { type: 'allow' } })
    upstream.answer((_request, response) => json(response, 200, { model: 'own', usage: REPLY.usage }))
    const token = await server.token(id)
    for (let unknown = 0; unknown < 3; unknown++) expect((await call(token, { model: 'own' })).status).toBe(200)
    await expect.poll(() => spentOf(id), SLOWLY).toMatchObject({ calls: 3, costUsd: 0, unpricedCalls: 3 })
    upstream.answer((_request, response) => json(response, 200, REPLY))
    const statuses = []
    for (let alias = 0; alias < 4; alias++) statuses.push((await call(token, { model: 'alias' })).status)
    expect(statuses).toEqual([200, 200, 402, 402])
  })

  test.each(['reads to the end', 'hangs up'])(
    'counts a stream without usage by what came: the caller %s',
    async (how) => {
      const event = `data: {"model":"gpt-4o","choices":[{"delta":{"content":"${'x'.repeat(4_000)}"}}]}\n\n`
      let closed = Promise.withResolvers<void>()
      upstream.answer((_request, response) => {
        response.once('close', () => closed.resolve())
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event)
        if (how === 'reads to the end') response.end('data: [DONE]\n\n')
      })
      const id = await project({ monthlyBudgetUsd: 2.5 * CENT })
      const token = await server.token(id)
      let passed = 0
      for (; passed < 10; passed++) {
        closed = Promise.withResolvers()
        const left = new AbortController()
        const response = await post(token, 'openai/v1/chat/completions', STREAM, left.signal)
        if (response.status !== 200) break
        if (how === 'hangs up') await response.body?.getReader().read()
        else await response.text()
        left.abort()
        await closed.promise
      }
      expect(passed).toBeGreaterThanOrEqual(2)
      expect(passed).toBeLessThanOrEqual(3)
      await expect.poll(() => spentOf(id), SLOWLY).toMatchObject({ estimatedCalls: passed })
      expect((await spentOf(id)).costUsd).toBeCloseTo(passed * CENT, 3)
    },
  )

  test('counts what was set aside for a caller that hangs up before the response, nothing for a vendor that fails', async () => {
    const id = await project({ monthlyBudgetUsd: 2.5 * CENT })
    const token = await server.token(id)
    const left = new AbortController()
    upstream.answer(() => left.abort())
    await call(token, { model: 'gpt-4o', max_tokens: 1000 }, left.signal).catch(() => undefined)
    await expect.poll(() => spentOf(id), SLOWLY).toMatchObject({ estimatedCalls: 1 })
    expect((await spentOf(id)).costUsd).toBeCloseTo(CENT, 3)
    upstream.answer((_request, response) => response.destroy())
    expect((await call(token)).status).toBe(502)
    upstream.answer((_request, response) => json(response, 500, {}))
    expect((await call(token)).status).toBe(500)
    await expect.poll(() => spentOf(id), SLOWLY).toMatchObject({ calls: 3, estimatedCalls: 1 })
  })

  test('stays used up after a call that costs far more than was set aside', async () => {
    const id = await project({ monthlyBudgetUsd: 10 * CENT })
    const token = await server.token(id)
    const dear = { ...REPLY, usage: { ...REPLY.usage, completion_tokens: 20_000 } }
    upstream.answer((_request, response) => json(response, 200, dear))
    expect((await call(token, { model: 'gpt-4o', max_tokens: 100 })).status).toBe(200)
    await expect.poll(async () => (await call(token, { model: 'gpt-4o', max_tokens: 1 })).status, SLOWLY).toBe(402)
    for (let again = 0; again < 5; again++) expect((await call(token)).status).toBe(402)
    await server.projects.update(id, { monthlyBudgetUsd: 1 })
    expect((await call(token, { model: 'gpt-4o', max_tokens: 100 })).status).toBe(200)
  })

  test('of a token ends that token alone', async () => {
    const id = await project({})
    const { token } = await server.mintEngineToken({ projectId: id, maxCostUsd: 2.5 * CENT })
    const replies = [await call(token), await call(token), await call(token)]
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 402])
    expect(replies[2]?.error.message).toContain('The engine token has a limit of $0.025')
    expect((await call(await server.token(id))).status).toBe(200)
  })
})

test("the vendors' own SDKs read both limits", async () => {
  const broke = await server.token(await project({ monthlyBudgetUsd: 0.000001 }))
  const openai = new OpenAI({ baseURL: `${proxy('openai')}/v1`, apiKey: broke, maxRetries: 0 })
  const params = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'hi' }] }
  await expect(openai.chat.completions.create(params)).rejects.toMatchObject({ status: 402, code: 'budget-reached' })
  const anthropic = new Anthropic({ baseURL: proxy('anthropic'), authToken: broke, apiKey: null, maxRetries: 0 })
  await expect(
    anthropic.messages.create({ ...params, model: 'claude-sonnet-4-5', max_tokens: 100 }),
  ).rejects.toMatchObject({ status: 402, error: { error: { type: 'billing_error' } } })

  const slow = await server.token(await project({ requestsPerMinute: 1 }))
  const again = new OpenAI({ baseURL: `${proxy('openai')}/v1`, apiKey: slow, maxRetries: 0 })
  const both = [again.chat.completions.create(params), again.chat.completions.create(params)]
  const [refused] = (await Promise.allSettled(both)).filter(({ status }) => status === 'rejected')
  expect(refused).toMatchObject({ reason: { name: 'Error', status: 429, code: 'rate-limit-reached' } })
  expect(refused).toMatchObject({ reason: expect.any(OpenAI.RateLimitError) })
})
