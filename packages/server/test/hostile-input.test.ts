import { request } from 'node:http'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** To try others: `FUZZ_SEED=1 npx vitest …`. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_128)
const RUNS_PER_ROUTE = 30

let server: TestServer
let token: string

beforeAll(async () => {
  server = await startServer({
    pieces: {},
    limits: { wrongKeys: 10_000 },
    // No name of a fuzzed base URL is looked up.
    resolve: async () => Promise.reject(new Error('no such host')),
  })
  token = await server.token()
})
afterAll(() => server.stop())

type Sent = { method: string; path: string; body?: string; key?: string }

/** A request whose path and body go out as they are. */
function send({
  method,
  path,
  body,
  key = ADMIN_KEY,
}: Sent): Promise<{ status: number; text: string; headers: object }> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const sent = request(`${server.url}/`, { method, path, headers }, async (response) => {
      response.setEncoding('utf8')
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode ?? 0, text, headers: response.headers })
    })
    sent.once('error', reject).end(body)
  })
}

const text = fc.oneof(
  fc.constantFrom('\0', 'a\0b', '\ud800', 'x\udc00y', '__proto__', 'constructor', 'toString', 'hasOwnProperty', ''),
  fc.constantFrom(
    'local',
    'openai',
    '../../etc/passwd',
    '..\\..',
    "'; drop table project; --",
    '%00',
    '💥',
    'a'.repeat(9_000),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
)
const value = fc.oneof(
  text,
  fc.constantFrom(1e308, -1, 0.1, Number.MAX_SAFE_INTEGER, null, true, [], {}),
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(text, text, { maxKeys: 3 }),
)
/** What a URL may hold where a name is expected. Node sends no spaces or control characters. */
const segment = fc.oneof(
  text.filter((words) => words.isWellFormed() && words !== '').map(encodeURIComponent),
  fc.constantFrom('%00', '%ff', '%ed%a0%80', '%', '%2f', '..%2f..%2fetc%2fpasswd', '%2e%2e', '1e309', 'a'.repeat(300)),
)

type Operation = { method: string; path: string; query: string[]; fields: string[] }

/** Every operation of the OpenAPI document, with the names of its query and of its body's fields. */
async function operations(): Promise<Operation[]> {
  const { paths } = JSON.parse((await send({ method: 'GET', path: '/docs/openapi.json' })).text)
  return Object.entries<Record<string, Described>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      query: parameters.filter((one) => one.in === 'query').map(({ name }) => name),
      fields: Object.keys(requestBody?.content['application/json']?.schema.properties ?? {}),
    })),
  )
}

type Described = {
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, { schema: { properties?: object } }> }
}

function requestsOf({ method, path, query, fields }: Operation): fc.Arbitrary<Sent> {
  const pathOf = fc.array(segment, { minLength: 3, maxLength: 3 }).map((segments) => {
    const rest = [...segments]
    return path.replace(/\{[^}]+\}|\*$/g, () => rest.pop() ?? 'x')
  })
  const pairs = fc.array(fc.tuple(fc.constantFrom('limit', ...query), segment), { maxLength: 4 })
  const json = fc.array(fc.tuple(fc.oneof(fc.constantFrom('projectId', ...fields), text), value), { maxLength: 5 })
  return fc.record({ path: pathOf, pairs, json, key: fc.constantFrom(ADMIN_KEY, token) }).map((made) => ({
    method,
    path: made.pairs.length === 0 ? made.path : `${made.path}?${made.pairs.map((pair) => pair.join('=')).join('&')}`,
    key: made.key,
    ...(['POST', 'PATCH', 'PUT'].includes(method) && { body: JSON.stringify(Object.fromEntries(made.json)) }),
  }))
}

test(`no route answers hostile input with a 500 (seed ${SEED})`, async () => {
  const all = await operations()
  expect(all.length).toBeGreaterThan(30)
  for (const operation of all) {
    const property = fc.asyncProperty(requestsOf(operation), async (sent) => {
      const { status, text } = await send(sent)
      if (status === 500 || status === 0) throw new Error(`${status}: ${text}`)
    })
    await fc.assert(property, { numRuns: RUNS_PER_ROUTE, seed: SEED })
  }
})

describe('an error that names the field', () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
  const run = '/api/v1/pieces/none/actions/x/run'
  test.each([
    ['POST', '/api/v1/projects', '{"name":"a\\u0000b"}', 'name', 'contains a NUL character'],
    ['POST', '/api/v1/projects', '{"name":"a\\ud800b"}', 'name', 'contains half of a surrogate pair'],
    ['POST', '/api/v1/engine-tokens', '{"models":["a","\\u0000"]}', 'models.1', 'contains a NUL character'],
    ['GET', '/api/v1/usage?model=%00', undefined, 'model', 'contains a NUL character'],
    ['GET', '/api/v1/usage?limit=10&limit=20', undefined, 'limit', 'cannot be'],
    ['GET', '/api/v1/usage?limit=-1', undefined, 'limit', 'cannot be -1'],
    ['GET', '/api/v1/projects/%00/tokens', undefined, 'id', 'contains a NUL character'],
    ['GET', '/api/v1/store-entries?key=%00', undefined, 'key', 'contains a NUL character'],
    ['POST', '/api/v1/store-entries', `{"key":"a","value":${deep}}`, 'value', 'nested deeper than 500 levels'],
    ['POST', run, `{"input":{"a":${deep}}}`, 'input', 'nested deeper than 500 levels'],
  ])('%s %s', async (method, path, body, param, message) => {
    const key = path.includes('store-entries') ? token : ADMIN_KEY
    const { status, text } = await send({ method, path, key, ...(body !== undefined && { body }) })
    const { error } = JSON.parse(text)
    expect({ status, code: error.code, param: error.param }).toEqual({ status: 400, code: 'invalid-request', param })
    expect(error.message).toContain(message)
  })

  test('a store keeps every text that JSON can hold', async () => {
    const body = '{"key":"odd","value":["a\\u0000b","\\ud800"]}'
    expect((await send({ method: 'POST', path: '/api/v1/store-entries', key: token, body })).status).toBe(200)
    const { text } = await send({ method: 'GET', path: '/api/v1/store-entries?key=odd', key: token })
    expect(text).toContain('"value":["a\\u0000b","\\ud800"]')
  })
})
