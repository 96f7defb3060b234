import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openRequest, rawRequest } from './helpers/raw.ts'
import { ADMIN_KEY, startServer, type TestServer } from './helpers/server.ts'
import { json, startUpstream, type Upstream } from './helpers/upstream.ts'

const KEY = 'sk-known-value-0123456789'
const PROXY = '/api/v1/ai-providers/proxy/openai'

let upstream: Upstream
let server: TestServer
let token: string
let auth: string[]

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer({ timeouts: { connect: 500, firstByte: 1_000, idle: 1_000 } })
  token = await server.token()
  auth = ['Authorization', `Bearer ${token}`]
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: KEY })
  await server.connections.save({
    provider: 'openai',
    slug: 'gateway',
    baseUrl: `${upstream.url}/openai/`,
    apiKey: KEY,
  })
})

beforeEach(() => upstream.answer((_request, response) => json(response, 200, { ok: true })))

afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const get = (path: string, headers: string[] = []) => rawRequest(server.url, { path, headers: [...auth, ...headers] })
const code = (body: Buffer) => JSON.parse(body.toString()).error.code

describe('P1: the tail cannot change where the key goes', () => {
  test.each([
    '/https://evil.example/x',
    '/https:/evil.example/x',
    '/https%3A%2F%2Fevil.example/x',
    '/https:%2f%2fevil.example/x',
    '//evil.example/x',
    '/%2Fevil.example/x',
    '/%2f%2fevil.example/x',
    '/v1/../../admin',
    '/v1/%2e%2e/%2e%2e/admin',
    '/v1/%252e%252e/admin',
    '/v1/..%2fadmin',
    '/v1/./models',
    '/v1/..;/admin',
    '/\\evil.example/x',
    '/%5cevil.example/x',
    '/v1/%00',
    '/v1/%0d%0aHost:%20evil.example',
    '/v1/#@evil.example',
  ])('%s', async (tail) => {
    const reply = await get(PROXY + tail)
    expect([reply.status, code(reply.body)]).toEqual([400, 'bad-path'])
    expect(upstream.requests).toEqual([])
  })

  test('an encoding that is not valid is refused in our shape', async () => {
    const reply = await get(`${PROXY}/v1/%zz`)
    expect([reply.status, JSON.parse(reply.body.toString()).type]).toEqual([400, 'error'])
    expect(upstream.requests).toEqual([])
  })

  test.each([
    '/v1/models/ft:gpt-4o:org::id',
    '/v1/models/org%2Fmodel',
    '/v1/models/a%20b',
    '/v1/files/100%25',
    '/v1/x.y/..z',
  ])('a plain tail passes as it is: %s', async (tail) => {
    expect((await get(PROXY + tail)).status).toBe(200)
    expect(upstream.last().url).toBe(tail)
  })

  test.each([301, 302, 303, 307, 308])('a redirect (%i) is refused and its target not told', async (status) => {
    upstream.answer((_request, response) => response.writeHead(status, { location: 'https://evil.example/' }).end())
    const reply = await get(`${PROXY}/v1/models`)
    expect([reply.status, code(reply.body)]).toEqual([502, 'redirect-refused'])
    expect(JSON.stringify([reply.rawHeaders, reply.body.toString()])).not.toContain('evil.example')
    expect(upstream.requests.length).toBe(1)
  })

  test('304 is not a redirect', async () => {
    upstream.answer((_request, response) => response.writeHead(304, { etag: '"1"' }).end())
    expect((await get(`${PROXY}/v1/models`, ['If-None-Match', '"1"'])).status).toBe(304)
  })
})

describe('P2: base path and query are kept', () => {
  test.each([
    [`${PROXY}/v1/x?y=1`, '/v1/x?y=1'],
    [`${PROXY}/v1/x?a=%2F&b=a%20b&b=c+d&redirect=https://x/`, '/v1/x?a=%2F&b=a%20b&b=c+d&redirect=https://x/'],
    ['/api/v1/ai-providers/proxy/gateway/v1/x?y=1', '/openai/v1/x?y=1'],
    ['/api/v1/ai-providers/proxy/openai@gateway/v1/x?y=1', '/openai/v1/x?y=1'],
    ['/api/v1/ai-providers/proxy/openai%40gateway/', '/openai/'],
  ])('%s', async (path, expected) => {
    expect((await get(path)).status).toBe(200)
    expect(upstream.last().url).toBe(expected)
  })
})

describe('P3: status, headers and body of the vendor pass', () => {
  test.each([400, 401, 403, 404, 409, 422, 429, 500, 503, 529])('a %i with its body', async (status) => {
    const body = { error: { message: 'vendor says no', type: 'x', code: 'y', param: null } }
    upstream.answer((_request, response) => json(response, status, body, { 'retry-after': '7' }))
    const reply = await get(`${PROXY}/v1/models`)
    expect(reply.status).toBe(status)
    expect(JSON.parse(reply.body.toString())).toEqual(body)
    expect(reply.headers['retry-after']).toBe('7')
    expect(reply.headers['x-ai-proxy-error']).toBeUndefined()
  })
})

describe('P5: bytes stream through both ways, untouched', () => {
  test('a compressed and a binary reply keep their bytes', async () => {
    const body = gzipSync(randomBytes(5_000))
    upstream.answer((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body))
    const reply = await get(`${PROXY}/v1/audio`, ['Accept-Encoding', 'gzip'])
    expect(reply.body.equals(body)).toBe(true)
    expect(reply.headers['content-encoding']).toBe('gzip')
    expect(upstream.last().headers['accept-encoding']).toBe('gzip')
  })

  test.each([1_000, 3_000_000])('a multipart body of %i bytes arrives byte for byte', async (size) => {
    const body = Buffer.concat([
      Buffer.from('--x\r\ncontent-disposition: form-data; name="f"\r\n\r\n'),
      randomBytes(size),
    ])
    const type = ['Content-Type', 'multipart/form-data; boundary=x']
    const reply = await rawRequest(server.url, {
      method: 'POST',
      path: `${PROXY}/v1/files`,
      headers: [...auth, ...type],
      body,
    })
    expect(reply.status).toBe(200)
    expect(upstream.last().body.equals(body)).toBe(true)
    expect(upstream.last().headers['content-type']).toBe('multipart/form-data; boundary=x')
    expect(upstream.last().headers['content-length']).toBe(String(body.length))
  })

  test('a body that is not valid JSON, and one without a type, are not looked at', async () => {
    const headers = [...auth, 'Content-Type', 'application/json']
    await rawRequest(server.url, { method: 'POST', path: `${PROXY}/v1/x`, headers, body: '{"broken' })
    expect(upstream.last().body.toString()).toBe('{"broken')
    await rawRequest(server.url, { method: 'PUT', path: `${PROXY}/v1/x`, headers: auth, body: 'plain' })
    expect([upstream.last().method, upstream.last().body.toString()]).toEqual(['PUT', 'plain'])
  })

  test('HEAD and an empty DELETE pass', async () => {
    upstream.answer((_request, response) => response.writeHead(200, { 'content-length': '42' }).end())
    const head = await rawRequest(server.url, { method: 'HEAD', path: `${PROXY}/v1/x`, headers: auth })
    expect([head.status, head.headers['content-length']]).toEqual([200, '42'])
    upstream.answer((_request, response) => response.writeHead(204).end())
    expect((await rawRequest(server.url, { method: 'DELETE', path: `${PROXY}/v1/x`, headers: auth })).status).toBe(204)
  })

  test('20 MB to a slow reader: memory does not grow with the body, and every byte comes', async () => {
    const chunk = randomBytes(1024 * 1024)
    const chunks = 24
    let sent = 0
    upstream.answer(async (_request, response) => {
      response.writeHead(200)
      for (; sent < chunks; sent++) if (!response.write(chunk)) await once(response, 'drain')
      response.end()
    })
    const response = await openRequest(server.url, { path: `${PROXY}/v1/files/big/content`, headers: auth })
    await sleep(500)
    expect(sent).toBeLessThan(chunks - 4)
    const hash = createHash('sha256')
    for await (const piece of response) hash.update(piece)
    const expected = createHash('sha256')
    for (let i = 0; i < chunks; i++) expected.update(chunk)
    expect(hash.digest('hex')).toBe(expected.digest('hex'))
  })

  test('a large upload waits for a slow vendor and arrives whole', async () => {
    const body = randomBytes(8 * 1024 * 1024)
    const reply = await rawRequest(server.url, { method: 'POST', path: `${PROXY}/v1/files`, headers: auth, body })
    expect(reply.status).toBe(200)
    expect(upstream.last().body.equals(body)).toBe(true)
  })
})

describe('P6: headers', () => {
  test('P01: no credential of the caller reaches the vendor, in any casing, doubled or beside others', async () => {
    const names = [
      'authorization',
      'x-api-key',
      'api-key',
      'x-goog-api-key',
      'proxy-authorization',
      'x-auth-token',
      'cookie',
    ]
    const casings = [
      (n: string) => n,
      (n: string) => n.toUpperCase(),
      (n: string) => n.replace(/(^|-)\w/g, (c) => c.toUpperCase()),
    ]
    for (const casing of casings) {
      const sent = names.flatMap((name) => [casing(name), 'stolen-1', casing(name), 'stolen-2'])
      const reply = await get(`${PROXY}/v1/models`, sent)
      expect(reply.status).toBe(200)
      const { rawHeaders } = upstream.last()
      expect(rawHeaders.join('\n')).not.toContain('stolen')
      expect(rawHeaders.join('\n')).not.toContain(token)
      expect(rawHeaders.filter((item) => /^authorization$/i.test(item)).length).toBe(1)
      expect(upstream.last().headers.authorization).toBe(`Bearer ${KEY}`)
    }
  })

  test.each(['x-api-key', 'api-key', 'x-goog-api-key'])(
    'the engine token is taken from %s and stays here',
    async (name) => {
      const reply = await rawRequest(server.url, { path: `${PROXY}/v1/models`, headers: [name, token] })
      expect(reply.status).toBe(200)
      expect(upstream.last().rawHeaders.join('\n')).not.toContain(token)
    },
  )

  test('P02: hop-by-hop headers, those that Connection names, forwarding ones and unknown ones stay here', async () => {
    await get(`${PROXY}/v1/models`, [
      ...[
        'Connection',
        'keep-alive, X-Named',
        'X-Named',
        '1',
        'Keep-Alive',
        'timeout=5',
        'TE',
        'trailers',
        'Upgrade',
        'h2c',
      ],
      ...['Forwarded', 'for=1', 'X-Forwarded-For', '1', 'X-Real-IP', '1', 'Via', 'x', 'CF-Ray', '1', 'X-AP-Total', '1'],
      ...['Sec-Fetch-Mode', 'cors', 'Origin', 'http://x'],
    ])
    const { host: _host, authorization: _authorization, connection, ...rest } = upstream.last().headers
    expect(connection).toBe('keep-alive')
    expect(rest).toEqual({})
  })

  test('what SDKs and gateways send passes, in its own casing', async () => {
    const sent = [
      'OpenAI-Organization',
      'o',
      'X-Stainless-Retry-Count',
      '1',
      'Idempotency-Key',
      'i',
      'traceparent',
      't',
    ]
    await get(`${PROXY}/v1/models`, [...sent, 'anthropic-beta', 'a', 'X-Title', 't', 'User-Agent', 'u'])
    const { rawHeaders } = upstream.last()
    for (const item of [...sent, 'anthropic-beta', 'X-Title', 'User-Agent']) expect(rawHeaders).toContain(item)
  })

  test('stored headers win over the same ones of the caller', async () => {
    const headers = { 'X-Tenant': 'stored', Authorization: `Bearer ${KEY}` }
    await server.connections.save({ provider: 'openai', slug: 'tenant', baseUrl: upstream.url, headers })
    await get('/api/v1/ai-providers/proxy/tenant/v1/x', ['x-tenant', 'mine', 'X-TENANT', 'mine'])
    expect(upstream.last().rawHeaders.filter((item) => /^x-tenant$/i.test(item))).toEqual(['X-Tenant'])
    expect(upstream.last().headers['x-tenant']).toBe('stored')
  })

  test('P07: reply headers pass, save cookies, hop-by-hop ones and those of the vendor’s host', async () => {
    upstream.answer((_request, response) => {
      const kept = ['Retry-After', '3', 'X-RateLimit-Remaining', '9', 'request-id', 'r', 'X-Twice', 'a', 'X-Twice', 'b']
      const dropped = [
        'Set-Cookie',
        'a=b',
        'Strict-Transport-Security',
        'x',
        'Alt-Svc',
        'x',
        'X-AI-Proxy-Error',
        'fake',
      ]
      response.writeHead(200, [...kept, ...dropped, 'Connection', 'X-Hop', 'X-Hop', '1']).end('{}')
    })
    const reply = await get(`${PROXY}/v1/models`)
    const pairs = reply.rawHeaders.join('\n')
    for (const item of ['Retry-After\n3', 'X-RateLimit-Remaining\n9', 'request-id\nr', 'X-Twice\na\nX-Twice\nb']) {
      expect(pairs).toContain(item)
    }
    expect(pairs).not.toMatch(/set-cookie|strict-transport|alt-svc|x-ai-proxy|x-hop/i)
  })
})

describe('P7: streams', () => {
  test('the head comes before the first byte, and bytes as they come, split within a character', async () => {
    const [first, second] = [Buffer.from('data: gr\u00fc'), Buffer.from('n\n\n')]
    let go: (() => void) | undefined
    upstream.answer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      await new Promise<void>((resolve) => (go = resolve))
      response.write(first.subarray(0, -1))
      await sleep(30)
      response.end(Buffer.concat([first.subarray(-1), second]))
    })
    const response = await openRequest(server.url, { path: `${PROXY}/v1/chat`, headers: auth })
    expect(response.statusCode).toBe(200)
    go?.()
    const pieces: Buffer[] = []
    for await (const piece of response) pieces.push(piece)
    expect(pieces.length).toBe(2)
    expect(Buffer.concat(pieces).toString()).toBe('data: gr\u00fcn\n\n')
  })

  test('a caller that leaves ends the vendor’s call at once', async () => {
    let closed: Promise<number> | undefined
    upstream.answer((_request, response) => {
      response.writeHead(200).write('x')
      closed = once(response, 'close').then(() => performance.now())
    })
    const response = await openRequest(server.url, { path: `${PROXY}/v1/chat`, headers: auth })
    await once(response, 'data')
    const left = performance.now()
    response.destroy()
    expect((await (closed ?? Promise.reject(new Error('no call')))) - left).toBeLessThan(100)
  })

  test('a caller that leaves before the reply begins ends it too', async () => {
    let closed: Promise<unknown> | undefined
    const asked = new Promise<void>((resolve) => {
      upstream.answer((_request, response) => {
        closed = once(response, 'close')
        resolve()
      })
    })
    const request = httpRequest(`${server.url}${PROXY}/v1/chat`, { headers: { authorization: `Bearer ${token}` } })
    request.on('error', () => {}).end()
    await asked
    request.destroy()
    await closed
  })

  test.each([1_000, 1_000_000])('a caller that leaves within its own body of %i bytes harms nobody', async (size) => {
    const headers = { authorization: `Bearer ${token}`, 'content-length': size }
    const request = httpRequest(`${server.url}${PROXY}/v1/files`, { method: 'POST', headers })
    request.on('error', () => {}).write(randomBytes(size / 2))
    await sleep(50)
    request.destroy()
    await sleep(50)
    expect(upstream.requests).toEqual([])
    expect((await get(`${PROXY}/v1/models`)).status).toBe(200)
  })

  test.each([{}, { 'content-length': '100' }])(
    'a vendor that breaks off is seen as broken off (%o)',
    async (headers) => {
      upstream.answer(async (_request, response) => {
        response.writeHead(200, headers).write('half')
        await sleep(20)
        response.destroy()
      })
      const response = await openRequest(server.url, { path: `${PROXY}/v1/chat`, headers: auth })
      const pieces: Buffer[] = []
      const read = async () => {
        for await (const piece of response) pieces.push(piece)
      }
      await expect(read()).rejects.toThrow('aborted')
      expect(Buffer.concat(pieces).toString()).toBe('half')
    },
  )
})

describe('P8: who may call', () => {
  test.each([
    ['nothing', [], 'engine-token-missing'],
    ['the admin key', ['Authorization', `Bearer ${ADMIN_KEY}`], 'engine-token-invalid'],
    ['a vendor’s key', ['x-api-key', 'sk-something'], 'engine-token-invalid'],
    ['another scheme', ['Authorization', 'Basic abc'], 'engine-token-missing'],
    [
      'a token of nobody',
      ['Authorization', 'Bearer eyJhbGciOiJub25lIn0.eyJwcm9qZWN0SWQiOiJ4In0.'],
      'engine-token-invalid',
    ],
  ])('%s is not enough', async (_name, headers, expected) => {
    const reply = await rawRequest(server.url, { path: `${PROXY}/v1/models`, headers })
    expect([reply.status, code(reply.body), reply.headers['x-ai-proxy-error']]).toEqual([401, expected, expected])
    expect(upstream.requests).toEqual([])
  })
})

describe('P10: own errors have a code, a mark and the shape of the vendors', () => {
  test('404 for a connection that is not there, with what to do', async () => {
    for (const name of ['nobody', 'anthropic@openai', 'openai@nobody']) {
      const reply = await get(`/api/v1/ai-providers/proxy/${name}/v1/models`)
      expect([reply.status, reply.headers['x-ai-proxy-error']]).toEqual([404, 'connection-not-found'])
      expect(JSON.parse(reply.body.toString())).toEqual({
        type: 'error',
        error: {
          type: 'not_found_error',
          code: 'connection-not-found',
          message: `No AI provider connection "${name}" is configured. An admin connects it in the console.`,
          param: null,
        },
      })
    }
  })

  test('502 for a vendor that is not there, without address and key', async () => {
    await server.connections.save({
      provider: 'openai',
      slug: 'dead',
      baseUrl: 'http://127.0.0.1:9/secret',
      apiKey: KEY,
    })
    const reply = await get('/api/v1/ai-providers/proxy/dead/v1/models?q=private')
    expect([reply.status, code(reply.body)]).toEqual([502, 'vendor-unreachable'])
    expect(reply.body.toString()).toContain('ECONNREFUSED')
    expect(reply.body.toString()).not.toMatch(/127\.0|secret|private|sk-/)
  })

  test('502 for a vendor that closes before it answers', async () => {
    upstream.answer((_request, response) => response.destroy())
    expect(code((await get(`${PROXY}/v1/models`)).body)).toBe('vendor-unreachable')
  })

  test('504 first-byte-timeout for a vendor that does not answer', async () => {
    upstream.answer(() => {})
    const reply = await get(`${PROXY}/v1/models`)
    expect([reply.status, code(reply.body)]).toEqual([504, 'first-byte-timeout'])
  })

  test('a vendor that falls silent within a stream is cut off', async () => {
    upstream.answer((_request, response) => response.writeHead(200).write('half'))
    await expect(get(`${PROXY}/v1/models`)).rejects.toThrow('aborted')
  })

  test('504 connect-timeout for an address that never takes the connection', async () => {
    // A TLS handshake that nobody answers counts as connecting.
    const silent = createTcpServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    await server.connections.save({
      provider: 'openai',
      slug: 'silent',
      baseUrl: `https://127.0.0.1:${port}`,
      apiKey: KEY,
    })
    const reply = await get('/api/v1/ai-providers/proxy/silent/v1/models')
    expect([reply.status, code(reply.body)]).toEqual([504, 'connect-timeout'])
    silent.close()
  })
})

test('after all of this neither a log line nor a header holds the key, the token or a body', async () => {
  const logs = server.logs.join('')
  expect(server.logs.length).toBeGreaterThan(20)
  for (const secret of [KEY, token, ADMIN_KEY, 'broken', 'private']) expect(logs).not.toContain(secret)
})
