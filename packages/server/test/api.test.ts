import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { startVendor, type Vendor } from '@activepieces/test-support/vendor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enforceAccess } from '../src/auth/access.ts'
import { createEngineTokens } from '../src/auth/engine-tokens.ts'
import { createSessionCookie } from '../src/auth/session-cookie.ts'
import { loadConfig } from '../src/platform/config.ts'
import { createApp } from '../src/platform/http/app.ts'
import { Secret } from '../src/platform/secrets/secret.ts'
import { keysOf } from './keys.ts'

const KEY = 'sk-known-value-0123456789'
const METRICS_TOKEN = 'metrics-token-0123456789'
let server: TestServer
let vendor: Vendor
let token: string
let foreign: string
let projectToken: string

beforeAll(async () => {
  // Every route is tried with a wrong key.
  server = await startServer({ pieces: {}, metricsToken: new Secret(METRICS_TOKEN), limits: { wrongKeys: 10_000 } })
  vendor = await startVendor()
  token = await server.token()
  const elsewhere = createEngineTokens(keysOf(0), server.projects.find)
  foreign = (await elsewhere.mint({ projectId: 'local', expiresInSeconds: 3600 })).token
  projectToken = (await server.projectTokens.create('local', { name: 'test' })).token
})

afterAll(async () => {
  await server.stop()
  await vendor.close()
})

const save = (body: object) => server.call('POST', '/api/v1/ai-providers', { key: ADMIN_KEY, body })

describe('C4: access', () => {
  // Every route of the server and who may call it. A route that is missing here fails the test below.
  const rules = {
    public: [
      'GET /',
      'GET /docs',
      'GET /docs/',
      'GET /docs/js/scalar.js',
      'GET /docs/library',
      'GET /docs/library/*',
      'GET /docs/openapi.json',
      'GET /docs/openapi.yaml',
      'GET /health',
      'GET /ready',
      'GET /logos/:file',
      'POST /api/v1/session',
    ],
    admin: [
      'POST /api/v1/ai-providers',
      'PATCH /api/v1/ai-providers/:idOrSlug',
      'DELETE /api/v1/ai-providers/:idOrSlug',
      'POST /api/v1/ai-providers/test',
      'POST /api/v1/ai-providers/:slug/check',
      'GET /api/v1/session',
      'DELETE /api/v1/session',
      'GET /api/v1/audit',
      'GET /api/v1/usage',
      'GET /api/v1/usage/summary',
      'GET /api/v1/projects/:id/tokens',
      'POST /api/v1/projects/:id/tokens',
      'DELETE /api/v1/projects/:id/tokens/:tokenId',
      'GET /api/v1/projects',
      'POST /api/v1/projects',
      'PATCH /api/v1/projects/:id',
      'DELETE /api/v1/projects/:id',
      'POST /api/v1/projects/:id/revoke-tokens',
      ...['DELETE', 'GET', 'POST'].map((method) => `${method} /api/v1/allowed-origins`),
      ...['DELETE', 'GET', 'POST'].map((method) => `${method} /api/v1/ai-providers/:slug/drill`),
      ...['GET', 'POST'].map((method) => `${method} /api/v1/ai-providers/:slug/doctor`),
    ],
    engine: [
      'DELETE /api/v1/store-entries',
      'GET /api/v1/store-entries',
      'POST /api/v1/store-entries',
      ...['DELETE', 'GET', 'PATCH', 'POST', 'PUT'].map(
        (method) => `${method} /api/v1/ai-providers/proxy/:connection/*`,
      ),
    ],
    'admin-or-project': ['POST /api/v1/engine-tokens'],
    'admin-or-metrics': ['GET /metrics'],
    'admin-or-engine': [
      'GET /api/v1/ai-providers',
      'GET /api/v1/ai-providers/catalogue',
      'GET /api/v1/pieces',
      'POST /api/v1/pieces/:piece/actions/:action/options',
      'POST /api/v1/pieces/:piece/actions/:action/run',
    ],
  }
  const closed = Object.entries(rules).flatMap(([rule, routes]) => routes.map((route) => [route, rule] as const))

  test('the table holds every route, with its rule', () => {
    const declared = server.routes().filter(({ route }) => !route.startsWith('HEAD '))
    expect(declared.map(({ route, access }) => `${route}: ${access}`).sort()).toEqual(
      closed.map(([route, rule]) => `${route}: ${rule}`).sort(),
    )
  })

  test.each(closed)('%s: %s', async (route, rule) => {
    const [method = '', path = ''] = route.replace('*', 'v1/models').split(' ')
    const session = (await server.sessions.create('test')).token
    const credentials: Record<string, Record<string, string>> = {
      none: {},
      wrong: { authorization: 'Bearer wrong' },
      admin: { authorization: `Bearer ${ADMIN_KEY}` },
      session: { cookie: `ap_session=${session}`, origin: server.url },
      'wrong session': { cookie: `ap_session=${session}x`, origin: server.url },
      engine: { authorization: `Bearer ${token}` },
      'engine of another server': { authorization: `Bearer ${foreign}` },
      project: { authorization: `Bearer ${projectToken}` },
      metrics: { authorization: `Bearer ${METRICS_TOKEN}` },
      'wrong project': { authorization: `Bearer ${projectToken}x` },
    }
    const opens = {
      public: Object.keys(credentials),
      admin: ['admin', 'session'],
      engine: ['engine'],
      'admin-or-engine': ['admin', 'session', 'engine'],
      'admin-or-project': ['admin', 'session', 'project'],
      'admin-or-metrics': ['admin', 'session', 'metrics'],
    }[rule]
    for (const [name, headers] of Object.entries(credentials)) {
      const { status } = await fetch(server.url + path, init(method, headers))
      expect([name, status === 401 || status === 403]).toEqual([name, !opens?.includes(name)])
    }
  })

  test('a route without a rule keeps the server from starting', async () => {
    const app = createApp({ logLevel: 'silent', limits: loadConfig({}).limits })
    enforceAccess(app, {
      isAdminKey: async () => false,
      tokens: createEngineTokens(keysOf(0), server.projects.find),
      projectTokens: server.projectTokens,
      sessions: server.sessions,
      cookie: createSessionCookie(undefined),
      publicUrl: undefined,
    })
    app.get('/forgotten', async () => 'x')
    await expect(app.ready()).rejects.toThrow('Routes without an access rule: GET /forgotten, HEAD /forgotten')
    await app.close()
  })

  test('an unknown path is a 404 in our shape', async () => {
    const { status, json, headers } = await server.call('GET', '/api/v1/nothing?key=private')
    expect([status, json.error.code, headers.get('x-ai-proxy-error')]).toEqual([404, 'not-found', 'not-found'])
    expect(json.error.message).toBe('There is no GET /api/v1/nothing.')
  })
})

describe('logos', () => {
  test('of the registry are served, and nothing else of the folder', async () => {
    const { json } = await server.call('GET', '/api/v1/ai-providers/catalogue', { key: token })
    const shipped = json.data
      .map(({ logoUrl }: { logoUrl: string }) => logoUrl)
      .filter((url: string) => url.startsWith('/'))
    expect(shipped.length).toBeGreaterThan(0)
    for (const url of shipped) {
      const reply = await fetch(server.url + url)
      expect([url, reply.status, reply.headers.get('content-type')]).toEqual([url, 200, 'image/svg+xml'])
      expect(await reply.text()).toMatch(/^<svg .*<\/svg>\n$/s)
    }
    for (const [file, status] of [
      ['nobody.svg', 404],
      ['..%2Fpackage.json', 400],
      ['..%2f..%2fpackage.svg', 400],
    ] as const) {
      expect((await fetch(`${server.url}/logos/${file}`)).status).toBe(status)
    }
  })
})

describe('connections', () => {
  test('C1: are saved and listed without their secrets', async () => {
    const { status, json, text } = await save({
      provider: 'openai',
      baseUrl: vendor.url,
      apiKey: KEY,
      headers: { 'X-Org': 'org-secret' },
    })
    expect(status).toBe(200)
    expect(json).toEqual({
      id: expect.any(String),
      provider: 'openai',
      slug: 'openai',
      label: 'OpenAI',
      baseUrl: vendor.url,
      config: {},
      emulated: false,
      fingerprint: expect.stringMatching(/^[0-9a-f]{12}$/),
      headerNames: ['X-Org', 'Authorization'],
      allowedHeaders: [],
      status: 'active',
      statusReason: null,
      checkedAt: expect.any(String),
      lastUsedAt: null,
      created: expect.any(String),
      updated: expect.any(String),
    })
    const list = await server.call('GET', '/api/v1/ai-providers', { key: token })
    expect(list.json).toEqual({ data: [json], next: null, previous: null })
    expect(text + list.text).not.toMatch(/sk-known|org-secret/)
  })

  test('C2: are replaced whole, so that a key never follows a base URL to another host', async () => {
    const first = (await save({ provider: 'openai', slug: 'second', baseUrl: vendor.url, apiKey: KEY })).json
    const without = await save({ provider: 'openai', slug: 'second', baseUrl: 'https://other.example' })
    expect([without.status, without.json.error.param]).toEqual([400, 'apiKey'])
    const { json } = await save({
      provider: 'openai',
      slug: 'second',
      baseUrl: 'https://other.example/v9',
      apiKey: 'new',
      saveAnyway: true,
    })
    expect(json).toMatchObject({ id: first.id, created: first.created, baseUrl: 'https://other.example/v9' })
  })

  test('are deleted by slug or id', async () => {
    const { id } = (await save({ provider: 'openai', slug: 'gone', baseUrl: vendor.url, apiKey: KEY })).json
    const remove = (name: string) => server.call('DELETE', `/api/v1/ai-providers/${name}`, { key: ADMIN_KEY })
    expect([(await remove('gone')).status, (await remove(id)).status]).toEqual([204, 404])
    await save({ provider: 'openai', slug: 'gone', baseUrl: vendor.url, apiKey: KEY })
    const [gone] = (await server.connections.list()).filter(({ slug }) => slug === 'gone')
    expect((await remove(gone?.id ?? '')).status).toBe(204)
  })

  test.each([
    [
      { provider: 'openai', apiKey: KEY, owner: 'me' },
      'owner',
      'Unknown field "owner". The fields are: provider, slug, label',
    ],
    [{ apiKey: KEY }, 'provider', 'The field "provider" is missing'],
    [{ provider: 'opnai', apiKey: KEY }, 'provider', 'There is no provider "opnai". Known providers: '],
    [{ provider: 'openai' }, 'apiKey', 'Enter an API key'],
    [{ provider: 'openai', apiKey: 7 }, 'apiKey', 'expected string'],
    [
      { provider: 'openai', apiKey: KEY, slug: 'A B' },
      'slug',
      'cannot be "A B": 1 to 64 of the characters a-z, 0-9 and -',
    ],
    [{ provider: 'openai', apiKey: KEY, slug: 'anthropic' }, 'slug', 'the name of another provider'],
    [{ provider: 'openai', apiKey: KEY, baseUrl: 'ftp://x' }, 'baseUrl', 'http or https'],
    [{ provider: 'openai', apiKey: KEY, baseUrl: 'https://u:p@x' }, 'baseUrl', 'without credentials'],
    [{ provider: 'openai', apiKey: KEY, baseUrl: 'https://x/?key=1' }, 'baseUrl', 'query'],
    [
      { provider: 'openai', headers: { 'Transfer-Encoding': 'x' } },
      'headers.Transfer-Encoding',
      'set by the server itself',
    ],
    [{ provider: 'openai', headers: { Host: 'x' } }, 'headers.Host', 'set by the server itself'],
    [{ provider: 'openai', headers: { Cookie: 'x' } }, 'headers.Cookie', 'set by the server itself'],
    [{ provider: 'openai', headers: { 'a b': 'x' } }, 'headers.a b', 'not a valid header name'],
    [{ provider: 'openai', headers: { 'X-A': 'v1\r\nsneaked: in' } }, 'headers.X-A', 'that HTTP does not allow'],
    [{ provider: 'openai', headers: { 'X-A': 'a', 'x-a': 'b' } }, 'headers.x-a', 'twice'],
    [{ provider: 'openai', apiKey: KEY, headers: { authorization: 'x' } }, 'headers', 'set only one of the two'],
  ])('C3: %o is refused and says why', async (body, param, words) => {
    const { status, json, text } = await save(body)
    expect([status, json.error.code, json.error.param]).toEqual([400, 'invalid-request', param])
    expect(json.error.message).toContain(words)
    expect(text).not.toMatch(/sk-known|sneaked/)
  })

  test('a body that is not JSON is refused without being quoted', async () => {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' }
    const response = await fetch(`${server.url}/api/v1/ai-providers`, {
      method: 'POST',
      headers,
      body: `{"apiKey":"${KEY}`,
    })
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain('sk-known')
  })

  test('the catalogue is the registry as plain data', async () => {
    const { json } = await server.call('GET', '/api/v1/ai-providers/catalogue', { key: token })
    const openai = json.data.find(({ value }: { value: string }) => value === 'openai')
    expect(openai).toMatchObject({
      label: 'OpenAI',
      defaultBaseUrl: 'https://api.openai.com',
      authHeader: 'Authorization',
    })
    expect(openai.models[0].supported).toContain('text')
  })
})

describe('engine tokens', () => {
  const mint = (body: object) => server.call('POST', '/api/v1/engine-tokens', { key: ADMIN_KEY, body })

  test('are minted for a project and a time', async () => {
    await server.projects.create({ id: 'p', name: 'P', monthlyBudgetUsd: null, requestsPerMinute: null })
    const { status, json } = await mint({ projectId: 'p', expiresInSeconds: 60 })
    expect([status, json.projectId]).toEqual([201, 'p'])
    expect(Date.parse(json.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000)
    const claims = JSON.parse(Buffer.from(json.token.split('.')[1], 'base64url').toString())
    expect(claims).toMatchObject({ type: 'ENGINE', projectId: 'p', sub: 'p', aud: 'engine', jti: expect.any(String) })
    expect((await mint({ expiresInSeconds: 5 })).json.error.param).toBe('expiresInSeconds')
  })

  test('expire, also when they were seen before', async () => {
    const short = (await server.mintEngineToken({ expiresInSeconds: 1 })).token
    const list = () => server.call('GET', '/api/v1/ai-providers', { key: short })
    expect((await list()).status).toBe(200)
    await expect
      .poll(async () => (await list()).json.error?.code, { timeout: 3_000, interval: 200 })
      .toBe('engine-token-expired')
  })
})

describe('store entries', () => {
  const path = '/api/v1/store-entries'
  test('hold any JSON, each project for itself', async () => {
    const [one, two] = [await server.token('one'), await server.token('two')]
    for (const value of [{ b: 1, a: [null, 'ü\u0000'] }, 0, false, null, 'x']) {
      const put = await server.call('POST', path, { key: one, body: { key: 'k/1', value } })
      expect([put.status, put.json.value, put.json.projectId]).toEqual([200, value, 'one'])
      expect((await server.call('GET', `${path}?key=k%2F1`, { key: one })).json.value).toEqual(value)
    }
    expect((await server.call('GET', `${path}?key=k%2F1`, { key: two })).status).toBe(404)
    expect((await server.call('DELETE', `${path}?key=k%2F1`, { key: one })).status).toBe(204)
    expect((await server.call('GET', `${path}?key=k%2F1`, { key: one })).status).toBe(404)
  })

  test('have limits', async () => {
    const put = (body: object) => server.call('POST', path, { key: token, body })
    expect((await put({ key: 'k'.repeat(129), value: 1 })).json.error.param).toBe('key')
    expect((await put({ key: 'k', value: 'x'.repeat(512 * 1024) })).status).toBe(413)
    expect((await put({ key: 'k', value: 'x'.repeat(511 * 1024) })).status).toBe(200)
  })
})

test('the reference names every route and loads nothing from elsewhere', async () => {
  const { json } = await server.call('GET', '/docs/openapi.json')
  expect(Object.keys(json.paths)).toContain('/api/v1/ai-providers/proxy/{connection}/{*}')
  const page = await (await fetch(`${server.url}/docs/`)).text()
  expect(page).not.toMatch(/(src|href)="?https?:/)
})

function init(method: string, headers: Record<string, string>): RequestInit {
  return method === 'POST'
    ? { method, headers: { ...headers, 'content-type': 'application/json' }, body: '{}', redirect: 'manual' }
    : { method, headers, redirect: 'manual' }
}
