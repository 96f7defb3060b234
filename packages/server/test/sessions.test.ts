import { rawRequest } from '@activepieces/test-support/raw'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../src/platform/secrets/secret.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ pieces: {} })
})
afterAll(() => server.stop())

const SAME = ['Sec-Fetch-Site', 'same-origin']

/** A request as a browser sends it. */
async function browser(
  method: string,
  path: string,
  options: { headers?: string[]; body?: object; at?: TestServer } = {},
) {
  const { headers = [], body, at = server } = options
  const type = body === undefined ? [] : ['Content-Type', 'application/json']
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const reply = await rawRequest(at.url, { method, path: `/api/v1${path}`, headers: [...type, ...headers], ...sent })
  const text = reply.body.toString()
  return { ...reply, json: text === '' ? undefined : JSON.parse(text) }
}

async function signIn(at = server, adminKey = ADMIN_KEY) {
  const reply = await browser('POST', '/session', { body: { adminKey }, at })
  const [setCookie = ''] = reply.headers['set-cookie'] ?? []
  return { reply, setCookie, cookie: ['Cookie', setCookie.split(';')[0] ?? ''] }
}

describe('a session', () => {
  test('is a cookie that no script reads and no other site sends', async () => {
    const { reply, setCookie } = await signIn()
    expect([reply.status, Object.keys(reply.json)]).toEqual([201, ['id', 'expiresAt']])
    expect(setCookie).toMatch(/^ap_session=ap_session_[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/)
  })

  test('is for https alone where the server is seen by https', async () => {
    const secure = await startServer({ pieces: {}, publicUrl: 'https://ai.example' })
    const { setCookie, cookie } = await signIn(secure)
    expect(setCookie).toMatch(/^__Host-ap_session=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    const own = ['Origin', 'https://ai.example']
    const made = await browser('POST', '/projects', { headers: [...cookie, ...own], body: { name: 'x' }, at: secure })
    expect(made.status).toBe(201)
    await secure.stop()
  })

  test('opens what the admin key opens, and never the proxy and the store of a project', async () => {
    const { cookie, reply } = await signIn()
    const status = async (method: string, path: string) =>
      (await browser(method, path, { headers: [...cookie, ...SAME] })).status
    expect((await browser('GET', '/session', { headers: cookie })).json).toEqual({ session: reply.json })
    for (const path of ['/ai-providers', '/projects', '/audit', '/pieces']) expect(await status('GET', path)).toBe(200)
    for (const path of ['/ai-providers/proxy/openai/v1/models', '/store-entries?key=x']) {
      expect(await status('GET', path)).toBe(401)
    }
  })

  test('ends when one signs out, and is nowhere in clear', async () => {
    const { cookie, setCookie } = await signIn()
    const out = await browser('DELETE', '/session', { headers: [...cookie, ...SAME] })
    expect([out.status, out.headers['set-cookie']?.[0]]).toEqual([204, expect.stringContaining('Max-Age=0')])
    const after = await browser('GET', '/session', { headers: cookie })
    expect([after.status, after.json.error.code]).toEqual([401, 'session-ended'])
    const token = setCookie.match(/ap_session_[\w-]+/)?.[0] ?? ''
    const audit = await server.call('GET', '/api/v1/audit', { key: ADMIN_KEY })
    expect(JSON.stringify([audit.json, server.logs])).not.toContain(token)
  })

  test('of an earlier admin key is none', async () => {
    const { cookie } = await signIn()
    const token = (cookie[1] ?? '').replace('ap_session=', '')
    expect(await server.sessions.find(token)).toBeDefined()
    const other = await startServer({ pieces: {}, adminKey: 'another-admin-key-0123456789' })
    expect((await browser('GET', '/session', { headers: cookie, at: other })).status).toBe(401)
    await other.stop()
  })
})

describe('changes with a session come from our own pages', () => {
  const body = { name: 'x' }
  test.each<[string, string[], number]>([
    ['a page of ours, by https', SAME, 201],
    ['a page of ours, by http', ['Origin', 'own'], 201],
    ['another site', ['Sec-Fetch-Site', 'cross-site'], 403],
    ['another host of this site', ['Sec-Fetch-Site', 'same-site'], 403],
    ['another origin', ['Origin', 'https://evil.example'], 403],
    ['a page without an origin', ['Origin', 'null'], 403],
    ['another port', ['Origin', 'http://127.0.0.1:1'], 403],
    ['nobody says where', [], 403],
    ['a lie about the origin', ['Sec-Fetch-Site', 'cross-site', 'Origin', 'own'], 403],
  ])('%s', async (_name, from, status) => {
    const { cookie } = await signIn()
    const headers = [...cookie, ...from.map((value) => (value === 'own' ? server.url : value))]
    const reply = await browser('POST', '/projects', { headers, body })
    expect(reply.status).toBe(status)
    if (status === 403) expect(reply.json.error.code).toBe('cross-site')
  })

  test('no other site is let read or send JSON: there are no CORS headers', async () => {
    const headers = ['Origin', 'https://evil.example', 'Access-Control-Request-Method', 'POST']
    const reply = await rawRequest(server.url, { method: 'OPTIONS', path: '/api/v1/session', headers })
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    const form = await rawRequest(server.url, {
      method: 'POST',
      path: '/api/v1/session',
      headers: ['Content-Type', 'text/plain'],
      body: JSON.stringify({ adminKey: ADMIN_KEY }),
    })
    expect(form.status).toBe(415)
  })
})

describe('guessing the admin key', () => {
  const guess = (at: TestServer, forwarded: string[] = []) =>
    browser('POST', '/session', { body: { adminKey: 'wrong' }, at, headers: forwarded })

  test('is slowed for an address, by signing in and by any other route: right keys too; sessions and tokens go on', async () => {
    const slow = await startServer({ pieces: {}, limits: { wrongKeys: 3 }, trustedProxies: ['127.0.0.1'] })
    const elsewhere = ['X-Forwarded-For', '192.0.2.1']
    const login = await browser('POST', '/session', { body: { adminKey: ADMIN_KEY }, at: slow, headers: elsewhere })
    const cookie = ['Cookie', login.headers['set-cookie']?.[0]?.split(';')[0] ?? '']
    const project = await slow.projectTokens.create('local', { name: 'x' })
    const first = await guess(slow)
    expect([first.status, first.json.error.code, first.json.error.param]).toEqual([
      401,
      'admin-key-invalid',
      'adminKey',
    ])
    await slow.call('GET', '/api/v1/projects', { key: 'wrong-key-of-somebody' })
    await slow.call('POST', '/api/v1/engine-tokens', { key: 'wrong-key-of-somebody', body: {} })
    const fourth = await guess(slow)
    expect([fourth.status, fourth.json.error.code]).toEqual([429, 'too-many-attempts'])
    expect(Number(fourth.headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(fourth.headers['retry-after'])).toBeLessThanOrEqual(60)
    expect((await slow.call('GET', '/api/v1/projects', { key: ADMIN_KEY })).status).toBe(429)
    expect((await browser('GET', '/projects', { headers: cookie, at: slow })).status).toBe(200)
    const token = await slow.token()
    expect((await slow.call('GET', '/api/v1/ai-providers', { key: token })).status).toBe(200)
    expect((await slow.call('POST', '/api/v1/engine-tokens', { key: project.token, body: {} })).status).toBe(201)
    await slow.stop()
  })

  test('does not lock out an address that recently sent the right key; wrong keys from it are slowed', async () => {
    const slow = await startServer({ pieces: {}, limits: { wrongKeys: 3 } })
    const statusWith = async (key: string) =>
      (await slow.call('POST', '/api/v1/engine-tokens', { key, body: {} })).status
    expect(await statusWith(ADMIN_KEY)).toBe(201)
    const wrong = await Promise.all(Array.from({ length: 40 }, (_, at) => statusWith(`wrong-key-number-${at}`)))
    expect(wrong.filter((status) => status === 401)).toHaveLength(3)
    expect(wrong.filter((status) => status === 429)).toHaveLength(37)
    expect(await statusWith(ADMIN_KEY)).toBe(201)
    expect((await signIn(slow)).reply.status).toBe(201)
    await slow.stop()
  })

  test('the metrics token on another route is refused, and is not a guess', async () => {
    const metricsToken = 'metrics-token-0123456789'
    const slow = await startServer({ pieces: {}, limits: { wrongKeys: 1 }, metricsToken: new Secret(metricsToken) })
    for (let at = 0; at < 5; at++) {
      const { status, json } = await slow.call('GET', '/api/v1/projects', { key: metricsToken })
      expect([status, json.error.code]).toEqual([403, 'wrong-credential'])
    }
    expect((await slow.call('GET', '/api/v1/projects', { key: ADMIN_KEY })).status).toBe(200)
    await slow.stop()
  })

  test('many at the same time are counted before they are looked at', async () => {
    const slow = await startServer({ pieces: {}, limits: { wrongKeys: 3 } })
    const replies = await Promise.all(Array.from({ length: 12 }, () => guess(slow)))
    expect(replies.filter(({ status }) => status === 401).length).toBe(3)
    await slow.stop()
  })

  test('is slowed over all addresses too; an address is believed from a trusted proxy alone', async () => {
    const options = { pieces: {}, limits: { wrongKeys: 1 } }
    const direct = await startServer(options)
    await guess(direct, ['X-Forwarded-For', '192.0.2.1'])
    expect((await guess(direct, ['X-Forwarded-For', '192.0.2.2'])).status).toBe(429)
    await direct.stop()
    const behind = await startServer({ ...options, trustedProxies: ['127.0.0.1'] })
    for (let at = 0; at < 10; at++) {
      expect((await guess(behind, ['X-Forwarded-For', `192.0.2.${at}`])).status).toBe(401)
    }
    expect((await guess(behind, ['X-Forwarded-For', '192.0.2.99'])).status).toBe(429)
    await behind.stop()
  })

  test('right keys cost nothing', async () => {
    const slow = await startServer({ pieces: {}, limits: { wrongKeys: 1 } })
    for (let at = 0; at < 5; at++) {
      expect((await slow.call('GET', '/api/v1/projects', { key: ADMIN_KEY })).status).toBe(200)
    }
    await slow.stop()
  })
})
