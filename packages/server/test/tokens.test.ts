import { rawRequest } from '@activepieces/test-support/raw'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { modelsInBody } from '../src/proxy/restrictions/models.ts'

const KEY = 'sk-known-value-0123456789'
const PROXY = '/api/v1/ai-providers/proxy'
let server: TestServer
let upstream: Upstream

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer({ pieces: {} })
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: KEY })
  await server.connections.save({ provider: 'openai', slug: 'second', baseUrl: upstream.url, apiKey: KEY })
})
beforeEach(() => upstream.answer((_request, response) => json(response, 200, { ok: true })))
afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const admin = (method: string, path: string, body?: object) =>
  server.call(method, `/api/v1${path}`, { key: ADMIN_KEY, body })
const mint = async (body: object): Promise<string> => (await admin('POST', '/engine-tokens', body)).json.token

/** Status and code of a proxied call, and how many calls came to the vendor. */
async function proxied(
  key: string,
  path: string,
  body?: object | string | Buffer,
  headers: string[] = [],
  verb?: string,
) {
  const sent = typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body
  const method = verb ?? (sent === undefined ? 'GET' : 'POST')
  const type = headers.includes('Content-Type') ? [] : ['Content-Type', 'application/json']
  const all = ['Authorization', `Bearer ${key}`, ...type, ...headers]
  const reply = await rawRequest(server.url, {
    method,
    path: PROXY + path,
    headers: all,
    ...(sent ? { body: sent } : {}),
  })
  const { error } = JSON.parse(reply.body.toString())
  return [reply.status, error?.code ?? 'ok', upstream.requests.length]
}

describe('a limited engine token', () => {
  test('says what it may, its run, and an id of its own', async () => {
    const limits = { paths: ['/v1/*'], models: ['gpt-4o'], maxCostUsd: 0.5, runId: 'run-1' }
    const token = await mint({ ...limits, connection: 'second' })
    const [second] = (await server.connections.list()).filter(({ slug }) => slug === 'second')
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({ ...limits, connectionId: second?.id, jti: expect.any(String) })
  })

  test('calls its connection and sees no other', async () => {
    const token = await mint({ connection: 'second' })
    expect(await proxied(token, '/second/v1/models')).toEqual([200, 'ok', 1])
    expect(await proxied(token, '/openai@second/v1/models')).toEqual([200, 'ok', 2])
    expect(await proxied(token, '/openai/v1/models')).toEqual([403, 'connection-not-allowed', 2])
    const { json } = await server.call('GET', '/api/v1/ai-providers', { key: token })
    expect(json.data.map(({ slug }: { slug: string }) => slug)).toEqual(['second'])
    const unknown = await admin('POST', '/engine-tokens', { connection: 'nobody' })
    expect([unknown.status, unknown.json.error.code]).toEqual([404, 'connection-not-found'])
  })

  test('does not pass to another connection of the same slug', async () => {
    const save = () =>
      server.connections.save({ provider: 'openai', slug: 'brief', baseUrl: upstream.url, apiKey: KEY })
    await save()
    const token = await mint({ connection: 'brief' })
    await server.connections.remove('brief')
    await save()
    expect(await proxied(token, '/brief/v1/models')).toEqual([403, 'connection-not-allowed', 0])
  })

  test('calls its paths', async () => {
    const token = await mint({ paths: ['/v1/chat/completions', '/v1/images/*'] })
    expect(await proxied(token, '/openai/v1/chat/completions?x=1', {})).toEqual([200, 'ok', 1])
    expect(await proxied(token, '/openai/v1/images/edits', {})).toEqual([200, 'ok', 2])
    for (const path of [
      '/v1/chat/completions/',
      '/v1/chat/completionsx',
      '/v1/chat%2Fcompletions',
      '/v1/models',
      '/',
    ]) {
      expect(await proxied(token, `/openai${path}`, {})).toEqual([403, 'path-not-allowed', 2])
    }
    expect(await proxied(token, '/openai/v1/images/../models')).toEqual([400, 'bad-path', 2])
  })

  test('runs no pieces: they would go on without its limits', async () => {
    const token = await mint({ models: ['gpt-4o'] })
    for (const what of ['run', 'options']) {
      const body = what === 'run' ? {} : { property: 'model' }
      const { json } = await server.call('POST', `/api/v1/pieces/x/actions/y/${what}`, { key: token, body })
      expect(json.error.code).toBe('wrong-credential')
    }
  })

  test('is refused at minting when a limit is no limit', async () => {
    for (const [body, param] of [
      [{ paths: [] }, 'paths'],
      [{ paths: ['v1'] }, 'paths.0'],
      [{ models: [] }, 'models'],
      [{ maxCostUsd: 0 }, 'maxCostUsd'],
      [{ expiresInSeconds: 3601 }, 'expiresInSeconds'],
      [{ model: 'gpt-4o' }, 'model'],
    ] as const) {
      const { status, json } = await admin('POST', '/engine-tokens', body)
      expect([status, json.error.param]).toEqual([400, param])
    }
  })
})

describe('a token of certain models', () => {
  let token: string
  beforeAll(async () => {
    token = await mint({ models: ['gpt-4o', 'gemini-2.5-pro', 'claude-v2:1'] })
  })
  const chat = '/openai/v1/chat/completions'
  const form = (...fields: string[]) =>
    `${fields.map((field) => `--b\r\nContent-Disposition: form-data; ${field}\r\n`).join('')}--b--\r\n`
  const multipart = ['Content-Type', 'multipart/form-data; boundary=b']

  test.each<[string, string, object | string | undefined, string[]?]>([
    ['the model of a body', chat, { model: 'gpt-4o' }],
    [
      'also behind content and schemas with that name',
      chat,
      {
        messages: [{ role: 'user', content: '"model":"y"', model: 'x' }],
        tools: [
          { type: 'function', function: { name: 'f', parameters: { properties: { model: { type: 'string' } } } } },
        ],
        model: 'gpt-4o',
      },
    ],
    ['fallbacks that are allowed too', chat, { model: 'gpt-4o', models: ['claude-v2:1', 'gpt-4o'] }],
    [
      'a batch of inputs of one model',
      '/openai/v1beta/models/gemini-2.5-pro:batchEmbedContents',
      { requests: [{ model: 'models/gemini-2.5-pro' }] },
    ],
    ['a plugin with a search engine', chat, { model: 'gpt-4o', plugins: [{ id: 'web', engine: 'exa' }] }],
    [
      'a tool of Responses with a parameter of that name',
      '/openai/v1/responses',
      {
        model: 'gpt-4o',
        input: 'x',
        tools: [{ type: 'function', name: 'f', parameters: { properties: { model: {} } } }],
      },
    ],
    ['a session', '/openai/v1/realtime/client_secrets', { session: { model: 'gpt-4o', tools: [] } }],
    ['UTF-8, said so', chat, { model: 'gpt-4o' }, ['Content-Type', 'application/json; charset=utf-8']],
    ['a prediction by its id', '/openai/v1/predictions/p1', undefined],
    ['what is said of a model', '/openai/v1/models/gpt-4o', undefined],
    ['a large body', chat, { input: 'x'.repeat(200_000), model: 'gpt-4o' }],
    [
      'a form',
      '/openai/v1/audio',
      form('name="file"; filename="a"\r\n\r\nmodel', 'name="model"\r\n\r\ngpt-4o'),
      multipart,
    ],
    ['Google', '/openai/v1beta/models/gemini-2.5-pro:generateContent', {}],
    ['Google, twice', '/openai/v1beta/models/gemini-2.5-pro:embedContent', { model: 'models/gemini-2.5-pro' }],
    ['Azure', '/openai/openai/deployments/gpt-4o/chat/completions?api-version=1', {}],
    ['Bedrock', '/openai/model/claude-v2%3A1/converse', {}],
    ['the path itself', '/openai/gpt-4o', {}],
    ['a list of models', '/openai/v1/models', undefined],
  ])('calls: %s', async (_name, path, body, headers = []) => {
    expect(await proxied(token, path, body, headers)).toEqual([200, 'ok', 1])
    expect(upstream.last().body.toString()).toBe(typeof body === 'object' ? JSON.stringify(body) : (body ?? ''))
  })

  test.each<[string, string, object | string | Buffer | undefined, string[]?]>([
    ['another model', chat, { model: 'gpt-4o-mini' }],
    ['another one after the allowed', chat, '{"model":"gpt-4o","model":"o3"}'],
    ['another one before the allowed', chat, '{"model":"o3","model":"gpt-4o"}'],
    ['another one in disguise', chat, '{"model":"gpt-4o","mod\\u0065l":"o3"}'],
    ['a second field', chat, { model: 'gpt-4o', model_id: 'o3' }],
    ['a model that is not text', chat, { model: { id: 'o3' } }],
    ['no model', chat, { messages: [] }],
    ['no JSON', chat, 'model=o3'],
    ['a list', chat, [{ model: 'gpt-4o' }]],
    ['a packed body', chat, { model: 'gpt-4o' }, ['Content-Encoding', 'gzip']],
    [
      'another one in a form',
      '/openai/v1/audio',
      form('name="model"\r\n\r\ngpt-4o', 'name="model"\r\n\r\no3'),
      multipart,
    ],
    ['another one in a query', `${chat}?model=o3`, { model: 'gpt-4o' }],
    ['another one in the path', '/openai/v1beta/models/gemini-3:generateContent', {}],
    ['another one in the path, an allowed one in the body', '/openai/model/o3/converse', { model: 'gpt-4o' }],
    ['a longer name', '/openai/v1beta/models/gemini-2.5-pro-max:generateContent', {}],
    ['another version', '/openai/model/claude-v2%3A12/converse', {}],
    ['one of a list of models', '/openai/v1/models/o3', undefined],
    ['a fallback', chat, { model: 'gpt-4o', models: ['gpt-4o', 'o3'] }],
    ['a fallback that is an object', chat, { model: 'gpt-4o', fallbacks: [{ model: 'o3' }] }],
    ['a route', chat, { model: 'gpt-4o', route: 'fallback' }],
    ['another casing', chat, { model: 'gpt-4o', Model: 'o3' }],
    ['a field with a dash', chat, { model: 'gpt-4o', 'model-id': 'o3' }],
    ['full-width letters', chat, { model: 'gpt-4o', ｍodel: 'o3' }],
    ['a deployment', chat, { model: 'gpt-4o', deployment: 'o3' }],
    ['an engine', chat, { model: 'gpt-4o', engine: 'o3' }],
    ['a deployment in a query', `${chat}?deployment_id=o3`, { model: 'gpt-4o' }],
    ['a model of a session', chat, { model: 'gpt-4o', session: { model: 'o3' } }],
    [
      'a model deep in a session',
      chat,
      { model: 'gpt-4o', session: { audio: { input: { transcription: { model: 'o3' } } } } },
    ],
    ['a second model within an object', chat, '{"session":{"model":"o3","model":"gpt-4o"},"model":"gpt-4o"}'],
    ['a tool with a model', chat, { model: 'gpt-4o', tools: [{ type: 'image_generation', model: 'gpt-image-1' }] }],
    ['a tool with an allowed model, and no other', chat, { tools: [{ model: 'gpt-4o' }] }],
    ['a model for embeddings', chat, { model: 'gpt-4o', retrieval: { parameters: { embedding_model: 'o3' } } }],
    ['one request of many', chat, { requests: [{ params: { model: 'gpt-4o' } }, { params: { model: 'o3' } }] }],
    ['bytes that are not UTF-8', chat, Buffer.from('{"mod\xffel":"o3","model":"gpt-4o"}', 'latin1')],
    [
      'another type of body',
      chat,
      '{"a":"&model=o3&","model":"gpt-4o"}',
      ['Content-Type', 'application/x-www-form-urlencoded'],
    ],
    ['another charset', chat, { model: 'gpt-4o' }, ['Content-Type', 'application/json; charset=utf-7']],
    [
      'two types of body',
      chat,
      { model: 'gpt-4o' },
      ['Content-Type', 'application/json', 'Content-Type', 'text/plain'],
    ],
    [
      'a form with name*',
      '/openai/v1/audio',
      form("name*=UTF-8''model\r\n\r\no3", 'name="model"\r\n\r\ngpt-4o'),
      multipart,
    ],
    [
      'a form with two names',
      '/openai/v1/audio',
      form('name="x"; name="model"\r\n\r\no3', 'name="model"\r\n\r\ngpt-4o'),
      multipart,
    ],
    [
      'a form with an escaped name',
      '/openai/v1/audio',
      form('name="mod\\el"\r\n\r\no3', 'name="model"\r\n\r\ngpt-4o'),
      multipart,
    ],
    [
      'a form with another casing',
      '/openai/v1/audio',
      form('name="MODEL"\r\n\r\no3', 'name="model"\r\n\r\ngpt-4o'),
      multipart,
    ],
    [
      'a form with a list',
      '/openai/v1/audio',
      form('name="models[]"\r\n\r\no3', 'name="model"\r\n\r\ngpt-4o'),
      multipart,
    ],
    [
      'a form with a model as a file',
      '/openai/v1/audio',
      form('name="model"; filename="a"\r\n\r\no3', 'name="model"\r\n\r\ngpt-4o'),
      multipart,
    ],
    [
      'a form with JSON in it',
      '/openai/v1/audio',
      form('name="session"\r\n\r\n{"model":"o3"}', 'name="model"\r\n\r\ngpt-4o'),
      multipart,
    ],
    [
      'a form with bare line feeds',
      '/openai/v1/audio',
      `--b\nContent-Disposition: form-data; name="model"\n\no3\n${form('name="model"\r\n\r\ngpt-4o')}`,
      multipart,
    ],
    [
      'a form with a part inside of a file',
      '/openai/v1/audio',
      form(
        'name="file"; filename="a"\r\n\r\nx\n--b\nContent-Disposition: form-data; name="model"\n\no3\n',
        'name="model"\r\n\r\ngpt-4o',
      ),
      multipart,
    ],
    ['a form with a text before it', '/openai/v1/audio', `x\r\n${form('name="model"\r\n\r\ngpt-4o')}`, multipart],
    [
      'a form with two boundaries',
      '/openai/v1/audio',
      form('name="model"\r\n\r\ngpt-4o'),
      ['Content-Type', 'multipart/form-data; boundary=z; boundary=b'],
    ],
    ['a file', '/openai/v1/files/file-1/content', undefined],
    ['a file, with a model in the query', '/openai/v1/files/file-1/content?model=gpt-4o', undefined],
    ['a list of files', '/openai/v1/files', undefined],
    ['an upload', '/openai/v1/files', form('name="model"\r\n\r\ngpt-4o'), multipart],
    ['a batch', '/openai/v1/batches', { model: 'gpt-4o', input_file_id: 'file-1' }],
    ['a batch file', chat, { model: 'gpt-4o', input_file_id: 'file-1' }],
    ['the end of a batch', '/openai/v1/batches/b1/cancel', { model: 'gpt-4o' }],
    ['an encoded path', '/openai/v1/f%69les', { model: 'gpt-4o' }],
    ['a path that is encoded twice', '/openai/v1/f%2569les', { model: 'gpt-4o' }],
    ['the end of a response', '/openai/v1/responses/r1/cancel', { model: 'gpt-4o' }],
    ['a path that cannot be decoded twice', '/openai/v1/%25zz', undefined],
  ])('does not call: %s', async (_name, path, body, headers = []) => {
    expect(await proxied(token, path, body, headers)).toEqual([403, 'model-not-allowed', 0])
  })

  test.each([
    ['DELETE', '/openai/v1/files/file-1'],
    ['DELETE', '/openai/v1/models/gpt-4o'],
    ['DELETE', '/openai/v1/models/ft:gpt-4o:other'],
    ['POST', '/openai/v1/batches/b1/cancel'],
    ['POST', '/openai/v1/fine_tuning/jobs/x/cancel'],
    ['POST', chat],
    ['PUT', '/openai/v1/models/gpt-4o'],
  ])('does not call, without a body: %s %s', async (verb, path) => {
    expect(await proxied(token, path, undefined, [], verb)).toEqual([403, 'model-not-allowed', 0])
  })

  test.each(['DELETE', 'PUT', 'PATCH'])(
    'refuses the method %s, even with an allowed model in the body',
    async (verb) => {
      expect(await proxied(token, '/openai/v1/files/file-1', { model: 'gpt-4o' }, [], verb)).toEqual([
        403,
        'model-not-allowed',
        0,
      ])
    },
  )

  test('says what was refused, and how to name the model', async () => {
    const headers = ['Authorization', `Bearer ${token}`, 'Content-Type', 'application/json']
    const body = JSON.stringify({ model: 'gpt-4o', models: ['o3'] })
    const reply = await rawRequest(server.url, { method: 'POST', path: PROXY + chat, headers, body })
    const { message } = JSON.parse(reply.body.toString()).error
    expect(message).toContain('only allows these models: gpt-4o, gemini-2.5-pro, claude-v2:1')
    expect(message).toContain('The field "models" names "o3".')
    expect(message).toContain('in the field "model"')
  })

  test('names any field that spells a model, wherever it is (property)', () => {
    const spelling = fc.constantFrom('model', 'Model', 'MODEL', 'model_id', 'modelId', 'Models', 'deployment')
    const place = fc.array(fc.constantFrom('a', 'session', 'config', 'tools', 'x'), { maxLength: 4 })
    fc.assert(
      fc.property(spelling, place, fc.boolean(), fc.jsonValue(), (field, path, inList, other) => {
        const inner: unknown = { [field]: 'o3' }
        const nested = path.reduceRight<unknown>((value, key) => ({ [key]: inList ? [value] : value }), inner)
        const text = JSON.stringify({ messages: other, ...Object(nested), z: nested })
        const facts = modelsInBody(Buffer.from(text), { 'content-type': 'application/json' })
        expect(facts?.named.map(({ model }) => model)).toContain('o3')
      }),
    )
  })

  test.each([
    ['deep', `${'{"model":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['with very many models', `{"model":"gpt-4o","models":[${'0,'.repeat(2_000_000)}0]}`],
    ['with very many values', `{"model":"gpt-4o","list":[${'{},'.repeat(2_000_000)}0]}`],
    ['that is open at many places', `{"model":"gpt-4o","list":${'['.repeat(2_000_000)}`],
  ])('may not send a body %s: it is refused unread', async (_name, body) => {
    expect(await proxied(token, chat, body)).toEqual([403, 'model-not-allowed', 0])
  })

  test('may send a long text with many escapes', async () => {
    const content = '\n\\'.repeat(2_000_000)
    expect(await proxied(token, chat, { model: 'gpt-4o', messages: [{ content }] })).toEqual([200, 'ok', 1])
  })

  test('may send what can be read: larger bodies are refused', async () => {
    const body = { model: 'gpt-4o', input: 'x'.repeat(17 * 1024 * 1024) }
    expect(await proxied(token, chat, body)).toEqual([413, 'too-large', 0])
  })
})

describe('revocation', () => {
  test('ends all tokens of a project at once, those that were seen before too, and no others', async () => {
    const [shop, other] = [await server.token('shop'), await server.token('other')]
    const long = (await admin('POST', '/projects/shop/tokens', { name: 'laptop' })).json.token
    expect(await proxied(shop, '/openai/v1/models')).toEqual([200, 'ok', 1])
    const { status, json } = await admin('POST', '/projects/shop/revoke-tokens')
    expect([status, json.projectTokens]).toEqual([200, 1])
    expect(await proxied(shop, '/openai/v1/models')).toEqual([401, 'engine-token-revoked', 1])
    expect((await server.call('GET', '/api/v1/ai-providers', { key: shop })).status).toBe(401)
    expect((await server.call('POST', '/api/v1/engine-tokens', { key: long, body: {} })).status).toBe(401)
    expect(await proxied(other, '/openai/v1/models')).toEqual([200, 'ok', 2])
    expect(await proxied(await server.token('shop'), '/openai/v1/models')).toEqual([200, 'ok', 3])
  })

  test('a deleted project has no tokens left, and none are made for one that is unknown', async () => {
    const token = await server.token('brief')
    await admin('DELETE', '/projects/brief')
    expect(await proxied(token, '/openai/v1/models')).toEqual([401, 'engine-token-revoked', 0])
    const { status, json } = await admin('POST', '/engine-tokens', { projectId: 'brief' })
    expect([status, json.error.code]).toEqual([404, 'project-not-found'])
  })
})

describe('project tokens', () => {
  const use = (key: string, body: object = {}) => server.call('POST', '/api/v1/engine-tokens', { key, body })

  test('are shown once, and then by their prefix', async () => {
    await admin('POST', '/projects', { id: 'dev', name: 'Dev' })
    const made = await admin('POST', '/projects/dev/tokens', { name: 'laptop' })
    expect([made.status, made.json]).toEqual([
      201,
      { ...made.json, name: 'laptop', projectId: 'dev', lastUsedAt: null },
    ])
    const { token, ...shown } = made.json
    expect(token).toMatch(/^ap_project_[\w-]{43}$/)
    expect(token.startsWith(shown.prefix)).toBe(true)
    expect((await admin('GET', '/projects/dev/tokens')).json.data).toEqual([shown])
    const used = await use(token)
    expect([used.status, used.json.projectId]).toEqual([201, 'dev'])
    expect(await proxied(used.json.token, '/openai/v1/models')).toEqual([200, 'ok', 1])
    const [after] = (await admin('GET', '/projects/dev/tokens')).json.data
    expect(Date.parse(after.lastUsedAt)).toBeGreaterThan(0)
    const everything = JSON.stringify([(await admin('GET', '/audit')).json, server.logs])
    expect(everything).toContain('project-token.create')
    expect(everything).not.toContain(token)
  })

  test('mint for their project alone, and open nothing else', async () => {
    const { token } = (await admin('POST', '/projects/local/tokens', { name: 'x' })).json
    const other = await use(token, { projectId: 'dev' })
    expect([other.status, other.json.error.code]).toEqual([403, 'wrong-credential'])
    expect(await proxied(token, '/openai/v1/models')).toEqual([403, 'wrong-credential', 0])
    for (const path of ['/ai-providers', '/projects', '/pieces', '/store-entries?key=x']) {
      expect((await server.call('GET', `/api/v1${path}`, { key: token })).status).toBe(403)
    }
  })

  test('are revoked one by one, at once', async () => {
    const { id, token } = (await admin('POST', '/projects/local/tokens', { name: 'gone' })).json
    expect((await admin('DELETE', `/projects/dev/tokens/${id}`)).status).toBe(404)
    expect((await use(token)).status).toBe(201)
    expect((await admin('DELETE', `/projects/local/tokens/${id}`)).status).toBe(204)
    const after = await use(token)
    expect([after.status, after.json.error.code]).toEqual([401, 'project-token-invalid'])
    expect((await admin('GET', '/projects/nobody/tokens')).json.error.code).toBe('project-not-found')
  })
})
