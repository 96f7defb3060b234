import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { openRequest, rawRequest } from '@activepieces/test-support/raw'
import { startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { Anthropic } from '@anthropic-ai/sdk'
import { OpenAI } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig, type ServerOptions } from '../src/index.ts'

const PATH = '/api/v1/ai-providers/proxy/openai/v1/chat/completions'

let upstream: Upstream
let server: TestServer
let token: string
let auth: string[]

beforeAll(async () => {
  upstream = await startUpstream()
  await start({
    timeouts: { firstByte: 5_000, idle: 5_000, total: 400 },
    limits: {
      bodyBytes: 200_000,
      headerBytes: 4_096,
      requestHeadMs: 300,
      requestMs: 600,
    },
  })
})

async function start(options: ServerOptions) {
  server = await startServer(options)
  token = await server.token()
  auth = ['Authorization', `Bearer ${token}`]
  for (const slug of ['openai', 'second'])
    await server.connections.save({ provider: 'openai', slug, baseUrl: upstream.url, apiKey: 'sk-0123456789' })
}

beforeEach(() => upstream.answer((_request, response) => json(response, 200, { ok: true })))

afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const post = (body: Buffer, headers: string[] = []) =>
  rawRequest(server.url, { method: 'POST', path: PATH, headers: [...auth, ...headers], body })
const code = (body: Buffer) => JSON.parse(body.toString()).error.code

describe('P08: the size of bodies and headers', () => {
  test('a body over the limit is 413 and names the setting; one at the limit passes', async () => {
    const reply = await post(randomBytes(200_001))
    expect([reply.status, code(reply.body)]).toEqual([413, 'too-large'])
    expect(reply.body.toString()).toContain('200000 bytes (AP_MAX_BODY_BYTES)')
    expect(upstream.requests).toEqual([])
    expect((await post(randomBytes(200_000))).status).toBe(200)
  })

  test('a body without a length is stopped at the limit', async () => {
    const request = httpRequest(server.url + PATH, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    for (let sent = 0; sent < 400; sent++) request.write(randomBytes(1_000))
    request.end()
    // SAFETY: that is what the event carries.
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
    expect(response.statusCode).toBe(413)
    const pieces: Buffer[] = await response.toArray()
    expect(code(Buffer.concat(pieces))).toBe('too-large')
    expect(upstream.requests).toEqual([])
  })

  test('headers over the limit are 431, in our shape', async () => {
    const reply = await rawRequest(server.url, { path: PATH, headers: [...auth, 'X-Long', 'x'.repeat(5_000)] })
    expect([reply.status, code(reply.body), reply.headers['x-ai-proxy-error']]).toEqual([
      431,
      'headers-too-large',
      'headers-too-large',
    ])
    expect(reply.body.toString()).toContain('AP_MAX_HEADER_BYTES')
  })

  test('headers of a reply over the limit are an error of our own', async () => {
    upstream.answer((_request, response) => json(response, 200, {}, { 'x-long': 'x'.repeat(5_000) }))
    const reply = await post(Buffer.from('{}'))
    expect([reply.status, code(reply.body)]).toEqual([502, 'reply-headers-too-large'])
  })

  test('what is no HTTP is a 400 in our shape', async () => {
    expect(await talk('HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*"code":"invalid-request"/s)
  })
})

/** Sends these pieces with a pause before each next one; gives what came until the server closed the connection. */
async function talk(...pieces: string[]): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  let said = ''
  socket.on('data', (piece) => {
    said += piece
  })
  const closed = once(socket, 'close')
  for (const piece of pieces) {
    if (socket.closed) break
    socket.write(piece)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await closed
  return said
}

describe('P08: slow-loris', () => {
  test('headers that come too slowly are 408, and the connection is closed', async () => {
    const said = await talk(`POST ${PATH} HTTP/1.1\r\n`, 'Host: x\r\n', 'X-Slow: 1\r\n')
    expect(said).toMatch(/^HTTP\/1\.1 408 .*x-ai-proxy-error: request-timeout.*AP_REQUEST_HEAD_TIMEOUT_MS/s)
  })

  test('so is a body that comes too slowly', async () => {
    const head = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 100\r\n\r\n`
    expect(await talk(head, '{', '"')).toMatch(/^HTTP\/1\.1 408 .*AP_REQUEST_TIMEOUT_MS/s)
    expect(upstream.requests).toEqual([])
  })

  test('a connection that sends nothing at all is closed', async () => {
    expect(await talk('')).toMatch(/^(HTTP\/1\.1 408 .*)?$/s)
  })
})

describe('P9: the total limit', () => {
  test('504 total-timeout for a reply that does not begin in time', async () => {
    upstream.answer(() => {})
    const reply = await post(Buffer.from('{}'))
    expect([reply.status, code(reply.body)]).toEqual([504, 'total-timeout'])
    expect(reply.body.toString()).toContain('AP_TOTAL_TIMEOUT_MS')
  })

  test('a reply that goes on too long is cut, and the vendor’s call ended', async () => {
    let closed: Promise<unknown> | undefined
    upstream.answer((_request, response) => {
      const timer = setInterval(() => response.write('x'), 20)
      closed = once(response.writeHead(200), 'close').then(() => clearInterval(timer))
    })
    await expect(post(Buffer.from('{}'))).rejects.toThrow('aborted')
    await closed
  })
})

describe('calls at once', () => {
  beforeAll(async () => {
    await server.stop()
    await start({ limits: { inFlight: 4, inFlightOfConnection: 3 } })
  })

  /** Calls that stay open until they are let go. */
  async function hold(slug: string, count: number) {
    upstream.answer((_request, response) => response.writeHead(200).write('x'))
    const path = `/api/v1/ai-providers/proxy/${slug}/v1/models`
    const open = await Promise.all(
      Array.from({ length: count }, () => openRequest(server.url, { path, headers: auth })),
    )
    return () => {
      for (const response of open) response.on('error', () => {}).destroy()
    }
  }

  test('529 with Retry-After over the limit of a connection, and over that of all; both SDKs parse it', async () => {
    const letGo = await hold('openai', 3)
    const reply = await post(Buffer.from('{}'))
    expect([reply.status, reply.headers['retry-after'], code(reply.body)]).toEqual([529, '1', 'overloaded'])
    expect(reply.body.toString()).toContain('AP_MAX_IN_FLIGHT_PER_CONNECTION allows 3')
    const letOtherGo = await hold('second', 1)
    const second = `${server.url}/api/v1/ai-providers/proxy/second`
    const all = await rawRequest(server.url, { path: `${new URL(second).pathname}/v1/models`, headers: auth })
    expect(all.body.toString()).toContain('AP_MAX_IN_FLIGHT allows 4')

    const messages = [{ role: 'user' as const, content: 'Hi' }]
    const openai = new OpenAI({ apiKey: token, baseURL: `${second}/v1`, maxRetries: 0 })
    await expect(openai.chat.completions.create({ model: 'm', messages })).rejects.toMatchObject({
      status: 529,
      code: 'overloaded',
      type: 'overloaded_error',
    })
    const anthropic = new Anthropic({ apiKey: null, authToken: token, baseURL: second, maxRetries: 0 })
    await expect(anthropic.messages.create({ model: 'm', max_tokens: 1, messages })).rejects.toMatchObject({
      status: 529,
      type: 'overloaded_error',
    })
    letGo()
    letOtherGo()
    upstream.answer((_request, response) => json(response, 200, { ok: true }))
    await expect.poll(async () => (await post(Buffer.from('{}'))).status).toBe(200)
  })
})

test('every limit has a variable; a wrong one is named', () => {
  const limits = {
    AP_TOTAL_TIMEOUT_MS: '1',
    AP_MAX_BODY_BYTES: '2',
    AP_MAX_HEADER_BYTES: '3000',
    AP_REQUEST_HEAD_TIMEOUT_MS: '4',
    AP_REQUEST_TIMEOUT_MS: '5',
    AP_MAX_IN_FLIGHT: '6',
    AP_MAX_IN_FLIGHT_PER_CONNECTION: '7',
    AP_MAX_WRONG_KEYS: '9',
    AP_SHUTDOWN_TIMEOUT_MS: '8',
    AP_ALLOWED_ORIGINS: 'http://a.lan:1, http://b.lan:*',
  }
  const config = loadConfig(limits)
  expect(config.timeouts.total).toBe(1)
  expect(Object.values(config.limits)).toEqual([2, 3000, 4, 5, 6, 7, 9, 8])
  expect(config.allowedOrigins).toEqual(['http://a.lan:1', 'http://b.lan:*'])
  for (const name of Object.keys(limits)) expect(() => loadConfig({ [name]: 'x' })).toThrow(name)
})
