import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Secret } from '../src/platform/secrets/secret.ts'

const PATH = '/api/v1/ai-providers/proxy/openai/v1/chat/completions'
const METRICS_TOKEN = 'metrics-token-of-the-tests'

let vendor: Upstream
let server: TestServer

beforeEach(async () => {
  vendor = await startUpstream()
  server = await startServer({ metricsToken: new Secret(METRICS_TOKEN) })
  await server.connections.save({ provider: 'openai', baseUrl: vendor.url, apiKey: 'sk-known-key-0123456789' })
})

afterEach(async () => {
  await server.stop()
  await vendor.close()
})

const post = (token: string, { path = PATH, headers = {} }: { path?: string; headers?: Record<string, string> } = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'known-prompt' }] }),
  })

/** The lines of one metric: its labels, or '' for none, and its value. */
async function figures(name: string): Promise<Record<string, number>> {
  const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
  const lines = (await response.text()).split('\n').filter((line) => line.match(/^\w+/)?.[0] === name)
  return Object.fromEntries(
    lines.map((line) => [line.slice(name.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}

describe('/metrics', () => {
  test('opens for the admin key and for its own token, which opens nothing else', async () => {
    const ask = async (key?: string, path = '/metrics') =>
      (await fetch(server.url + path, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } })).status
    expect([await ask(ADMIN_KEY), await ask(METRICS_TOKEN)]).toEqual([200, 200])
    expect([await ask(), await ask('wrong-token-0123456789'), await ask(await server.token())]).toEqual([401, 401, 403])
    expect([await ask(METRICS_TOKEN, '/api/v1/projects'), await ask(METRICS_TOKEN, PATH)]).toEqual([403, 401])
  })

  test('counts calls by provider, status and end, and their times; what was refused by its code', async () => {
    const token = await server.token()
    await (await post(token)).text()
    vendor.answer((_request, response) => json(response, 503, {}))
    await (await post(token)).text()
    vendor.answer((_request, response) => response.destroy())
    await (await post(token)).text()
    await (await post('wrong-token')).text()
    expect(await figures('ai_proxy_calls_total')).toEqual({
      '{provider="openai",status="2xx",end="whole",code=""}': 1,
      '{provider="openai",status="5xx",end="whole",code=""}': 1,
      '{provider="openai",status="5xx",end="failed",code="vendor-unreachable"}': 1,
    })
    expect(await figures('ai_proxy_first_byte_seconds_count')).toEqual({ '{provider="openai"}': 2 })
    expect(await figures('ai_proxy_total_seconds_count')).toEqual({ '{provider="openai"}': 3 })
    expect(await figures('ai_proxy_refused_total')).toEqual({ '{code="engine-token-invalid"}': 1 })
  })

  test('shows the calls that run', async () => {
    vendor.answer((_request, response) => response.writeHead(200).write('half'))
    const response = await post(await server.token())
    expect(await figures('ai_proxy_in_flight')).toEqual({ '': 1 })
    await response.body?.cancel()
    await expect.poll(() => figures('ai_proxy_in_flight')).toEqual({ '': 0 })
  })

  test('has no label that callers choose: names of connections, paths and models leave none', async () => {
    const token = await server.token()
    for (const word of ['chosen-1', 'chosen-2']) {
      await (await post(token, { path: `/api/v1/ai-providers/proxy/${word}/v1/x` })).text()
      await (await post(token, { path: `/api/v1/ai-providers/proxy/openai/v1/${word}` })).text()
    }
    expect(await figures('ai_proxy_refused_total')).toEqual({ '{code="connection-not-found"}': 2 })
    const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
    expect(await response.text()).not.toContain('chosen')
  })
})

describe('P8: logs at the lowest level', () => {
  test('show no key, token, prompt, body or query, whatever goes wrong', async () => {
    const token = await server.token()
    const query = { path: `${PATH}?key=known-query` }
    vendor.answer((_request, response) => json(response, 200, { text: 'known-answer' }))
    await (await post(token, query)).text()
    vendor.answer((_request, response) => json(response, 401, { error: { message: 'known-answer' } }))
    await (await post(token, query)).text()
    vendor.answer((_request, response) => response.destroy())
    await (await post(token, query)).text()
    await (await post('known-wrong-token', query)).text()
    await server.call('POST', '/api/v1/projects?key=known-query', { key: ADMIN_KEY, body: { id: 'known-body' } })
    await server.call('GET', '/api/v1/nothing?key=known-query', { key: ADMIN_KEY })
    const logs = server.logs.join('')
    expect(logs).toContain('vendor-unreachable')
    const secrets = ['sk-known', token, ADMIN_KEY, METRICS_TOKEN, 'known-wrong-token', 'known-query', 'known-prompt']
    for (const secret of [...secrets, 'known-answer', 'known-body']) expect(logs).not.toContain(secret)
  })

  test('a request id connects reply, error and log lines; one that could forge a line is replaced', async () => {
    vendor.answer((_request, response) => response.destroy())
    const response = await post(await server.token(), { headers: { 'x-request-id': 'known-id' } })
    expect(response.status).toBe(502)
    expect(response.headers.get('x-request-id')).toBe('known-id')
    const about = server.logs.map((line) => JSON.parse(line)).filter(({ reqId }) => reqId === 'known-id')
    expect(about).toMatchObject([{ msg: 'proxied', code: 'vendor-unreachable' }])
    const refused = await post('wrong', { headers: { 'x-request-id': 'a b"' } })
    expect(refused.headers.get('x-request-id')).toMatch(/^[\w-]{36}$/)
  })
})

test('/health and /ready answer without a credential', async () => {
  for (const path of ['/health', '/ready']) {
    expect(await server.call('GET', path)).toMatchObject({ status: 200, json: { status: 'ok' } })
  }
})
