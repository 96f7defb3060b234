import { DRILL_FAULTS, FAULTS } from '@activepieces/contract'
import { AI, AIError } from '@activepieces/pieces-common'
import { rawRequest } from '@activepieces/test-support/raw'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const DRILL = '/api/v1/ai-providers/openai/drill'

let upstream: Upstream
let server: TestServer
let token: string

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer({ timeouts: { firstByte: 2_000, idle: 200 } })
  token = await server.token()
  for (const slug of ['openai', 'beside'])
    await server.connections.save({ provider: 'openai', slug, baseUrl: upstream.url, apiKey: 'sk-0123456789' })
})

beforeEach(async () => {
  await server.call('DELETE', DRILL, { key: ADMIN_KEY })
  upstream.answer((request, response) => {
    if (JSON.parse(request.body.toString() || '{}').stream) stream(response)
    else json(response, 200, PLAIN)
  })
})

afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const start = (body: object) => server.call('POST', DRILL, { key: ADMIN_KEY, body })
const get = (slug = 'openai') =>
  rawRequest(server.url, {
    path: `/api/v1/ai-providers/proxy/${slug}/v1/models`,
    headers: ['Authorization', `Bearer ${token}`, 'Accept-Encoding', 'gzip'],
  })

const messages = [{ role: 'user' as const, content: 'Hello' }]
const ask = (mode: 'plain' | 'stream') => {
  const ai = AI({ provider: 'openai', server: { apiUrl: `${server.url}/api/`, token } })
  const params = { model: 'gpt-5.5', messages, retries: 0 }
  return mode === 'plain' ? ai.chat.text(params) : drain(ai.chat.stream(params))
}

async function drain(events: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const event of events) all.push(event)
  return all
}

const CHUNK = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-5.5' }
const PLAIN = {
  ...CHUNK,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

function stream(response: import('node:http').ServerResponse): void {
  const choice = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ ...CHUNK, choices: [{ index: 0, delta, finish_reason }] })}\n\n`
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(choice({ role: 'assistant', content: 'One.' }) + choice({ content: 'Two.' }))
  setTimeout(() => response.end(`${choice({}, 'stop')}data: [DONE]\n\n`), 20)
}

describe('fault drill: what the library makes of each fault', () => {
  test.each([
    ['429', 'rate-limit', 'rate-limit'],
    ['503', 'server-error', 'server-error'],
    ['reset', 'unreachable', 'unreachable'],
    ['cut', 'interrupted', 'interrupted'],
    ['stall', 'interrupted', 'interrupted'],
    ['malformed', 'invalid-reply', 'invalid-reply'],
  ])('%s', async (fault, plain, streamed) => {
    expect((await start({ fault })).status).toBe(200)
    for (const [mode, code] of [
      ['plain', plain],
      ['stream', streamed],
    ] as const) {
      const error = await ask(mode).catch((thrown: unknown) => thrown)
      expect([mode, error]).toEqual([mode, expect.any(AIError)])
      expect([mode, error]).toMatchObject([mode, { code }])
    }
  })

  test('slow-first-token: the answer is whole, but late', async () => {
    await start({ fault: 'slow-first-token', delayMs: 150 })
    const began = performance.now()
    expect(await ask('plain')).toMatchObject({ choices: [{ content: 'Yes.' }] })
    expect(performance.now() - began).toBeGreaterThanOrEqual(149)
    await start({ fault: 'slow-first-token', delayMs: 60_000 })
    const { status, headers } = await get()
    expect([status, headers['x-ai-proxy-error']]).toEqual([504, 'first-byte-timeout'])
  })
})

describe('fault drill: who, where, how long', () => {
  test('replies are marked; other connections are not touched; 429 and 503 reach no vendor', async () => {
    for (const fault of ['429', '503']) {
      await start({ fault })
      const { status, headers, body } = await get()
      expect([status, headers['x-ai-proxy-drill'], headers['x-ai-proxy-error']]).toEqual([
        Number(fault),
        fault,
        undefined,
      ])
      expect(body.toString()).toContain('Fault drill')
    }
    expect(upstream.requests).toEqual([])
    const beside = await get('beside')
    expect([beside.status, beside.headers['x-ai-proxy-drill']]).toEqual([200, undefined])
  })

  test('what goes to the vendor asks for no compression', async () => {
    await start({ fault: 'malformed' })
    expect((await get()).headers['x-ai-proxy-drill']).toBe('malformed')
    expect(upstream.last().headers['accept-encoding']).toBeUndefined()
  })

  test('a drill is seen, replaced, ended', async () => {
    expect((await start({ fault: 'cut', seconds: 60 })).json).toMatchObject({ fault: 'cut', delayMs: 10_000 })
    const { json: second } = await start({ fault: '503', seconds: 60 })
    expect(Date.parse(second.ends) - Date.parse(second.started)).toBe(60_000)
    expect((await server.call('GET', DRILL, { key: ADMIN_KEY })).json).toEqual({ drill: second })
    expect((await server.call('DELETE', DRILL, { key: ADMIN_KEY })).status).toBe(204)
    expect((await server.call('GET', DRILL, { key: ADMIN_KEY })).json).toEqual({ drill: null })
    expect((await get()).status).toBe(200)
  })

  test('it ends automatically', async () => {
    await start({ fault: '503', seconds: 1 })
    expect((await get()).status).toBe(503)
    await expect.poll(async () => (await get()).status, { timeout: 3_000 }).toBe(200)
    expect((await server.call('GET', DRILL, { key: ADMIN_KEY })).json).toEqual({ drill: null })
  })

  test('what is wrong is named', async () => {
    expect((await start({ fault: 'fire' })).json.error).toMatchObject({ code: 'invalid-request', param: 'fault' })
    expect((await start({ fault: 'cut', seconds: 3_601 })).json.error.param).toBe('seconds')
    expect((await start({})).json.error.param).toBe('fault')
    for (const [method, body] of [['GET'], ['DELETE'], ['POST', { fault: 'cut' }]] as const) {
      const path = '/api/v1/ai-providers/nobody/drill'
      const { status, json: reply } = await server.call(method, path, { key: ADMIN_KEY, body })
      expect([status, reply.error.code]).toEqual([404, 'connection-not-found'])
    }
  })

  test('what it can do are the faults of the wall that say so', async () => {
    const ofTheWall = Object.entries(FAULTS).filter(([, { drill }]) => drill)
    expect(Object.entries(DRILL_FAULTS)).toEqual(ofTheWall.map(([name, { what }]) => [name, what]))
    for (const [fault, { drill }] of Object.entries(FAULTS)) {
      const status = drill ? 200 : 400
      expect([fault, (await start({ fault })).status]).toEqual([fault, status])
    }
  })
})
