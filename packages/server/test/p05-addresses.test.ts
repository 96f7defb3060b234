import { rawRequest } from '@activepieces/test-support/raw'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { addressKind } from '../src/domain/outbound/addresses.ts'

const KEY = 'sk-known-value-0123456789'

let upstream: Upstream
let port: string
let server: TestServer
let auth: string[]
/** What the name service says, and how often it was asked. */
let dns: string[] = []
let asked = 0
/** What it says from the next question on. */
let next: string[] | undefined

beforeAll(async () => {
  upstream = await startUpstream()
  port = new URL(upstream.url).port
  server = await startServer({
    allowedOrigins: [`http://configured.example:${port}`],
    timeouts: { connect: 500, firstByte: 1_000, idle: 1_000 },
    resolve: async () => {
      asked++
      const now = dns
      if (next) dns = next
      return now.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    },
  })
  auth = ['Authorization', `Bearer ${await server.token()}`]
  for (const slug of ['vendor', 'configured', 'allowed']) {
    await server.connections.save({ provider: 'openai', slug, baseUrl: `http://${slug}.example:${port}`, apiKey: KEY })
  }
})

beforeEach(() => {
  dns = ['127.0.0.1']
  next = undefined
  upstream.answer((_request, response) => json(response, 200, { ok: true }, { connection: 'close' }))
})

afterAll(async () => {
  await server.stop()
  await upstream.close()
})

async function call(slug: string) {
  const path = `/api/v1/ai-providers/proxy/${slug}/v1/models`
  const { status, body } = await rawRequest(server.url, { path, headers: auth })
  return { status, error: JSON.parse(body.toString()).error }
}

const admin = (method: string, path: string, body?: unknown) => server.call(method, path, { key: ADMIN_KEY, body })
const save = (baseUrl: string) => admin('POST', '/api/v1/ai-providers', { provider: 'openai', apiKey: KEY, baseUrl })

const PRIVATE = {
  loopback: ['127.0.0.1', '127.255.0.9', '::1', '0.0.0.0', '::'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd12:3456::1', 'fc00::1', 'fec0::1'],
  CGNAT: ['100.64.0.1', '100.127.255.254'],
  '6to4': ['2002:7f00:1::', '2002:c0a8:101::1', '192.88.99.1'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::7f00:1'],
  'v4-mapped': ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::ffff:0:127.0.0.1', '::127.0.0.1'],
  Teredo: ['2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1'],
  'benchmarks and protocols': ['198.18.0.1', '192.0.0.8', '240.0.0.1', '100::1', '2001:2::1', '5f00::1'],
}
const NEVER = {
  'link-local': ['169.254.0.1', 'fe80::1', 'fe80::1%eth0'],
  'cloud metadata': ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16', 'fd20:ce::254'],
  'metadata in other clothes': [
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::',
    '::ffff:0:a9fe:a9fe',
  ],
  multicast: ['224.0.0.1', '255.255.255.255', 'ff02::1'],
  'no address': ['', 'localhost', '127.1.example'],
}

describe('P05: addresses that are not public are blocked at connect time', () => {
  test.each(Object.entries(PRIVATE))('%s', (_name, addresses) => {
    for (const address of addresses) expect([address, addressKind(address)]).toEqual([address, 'private'])
  })

  test.each(Object.entries(NEVER))('%s: never', (_name, addresses) => {
    for (const address of addresses) expect([address, addressKind(address)]).toEqual([address, 'never'])
  })

  test('public ones pass', () => {
    for (const address of ['8.8.8.8', '104.18.7.192', '172.32.0.1', '100.128.0.1', '2606:4700::6812:7c0']) {
      expect([address, addressKind(address)]).toEqual([address, 'public'])
    }
  })

  test.each(Object.values(PRIVATE).flat())('a name that leads to %s gets 502, and nothing is sent', async (address) => {
    dns = [address]
    const { status, error } = await call('vendor')
    expect([status, error.code]).toEqual([502, 'address-refused'])
    expect(error.message).toContain('Ask an admin to allow its origin')
    expect(error.message).not.toContain(address.length > 3 ? address : 'vendor.example')
    expect(upstream.requests).toEqual([])
  })

  test.each(Object.values(NEVER).flat().filter(Boolean))(
    'a name that leads to %s is never followed',
    async (address) => {
      dns = [address]
      for (const slug of ['vendor', 'configured']) {
        expect(await call(slug)).toMatchObject({ status: 502, error: { code: 'address-refused' } })
      }
      expect(upstream.requests).toEqual([])
    },
  )

  test('rebinding: what was public a moment ago is checked again, and the socket goes to the checked address', async () => {
    dns = ['192.0.2.1']
    expect((await call('vendor')).error.code).toBe('address-refused')
    const before = asked
    // A public address that nobody answers from here: the call does not fall back to a name asked a second time.
    dns = ['203.0.114.1']
    next = ['127.0.0.1']
    expect(['connect-timeout', 'vendor-unreachable']).toContain((await call('vendor')).error.code)
    expect(asked - before).toBe(1)
    expect((await call('vendor')).error.code).toBe('address-refused')
    expect(upstream.requests).toEqual([])
  })

  test('of several addresses those that are refused are left out', async () => {
    dns = ['127.0.0.1', '203.0.114.1']
    expect(['connect-timeout', 'vendor-unreachable']).toContain((await call('vendor')).error.code)
    expect(upstream.requests).toEqual([])
  })
})

describe('C6: what an admin allows', () => {
  test('the configuration allows an origin, port and all', async () => {
    expect((await call('configured')).status).toBe(200)
    await server.connections.save({
      provider: 'openai',
      slug: 'other',
      baseUrl: 'http://configured.example:1',
      apiKey: KEY,
    })
    expect((await call('other')).error.code).toBe('address-refused')
  })

  test('an admin allows one, and takes it back: in force at once', async () => {
    const origin = `http://allowed.example:${port}`
    expect((await call('allowed')).error.code).toBe('address-refused')
    expect((await admin('POST', '/api/v1/allowed-origins', { origin })).json).toMatchObject({ origin, source: 'admin' })
    expect((await call('allowed')).status).toBe(200)
    const { json: list } = await admin('GET', '/api/v1/allowed-origins')
    expect(list.data.map((each: { origin: string }) => each.origin)).toEqual([
      `http://configured.example:${port}`,
      origin,
    ])
    const path = `/api/v1/allowed-origins?origin=${encodeURIComponent(origin)}`
    expect((await admin('DELETE', path)).status).toBe(204)
    expect((await call('allowed')).error.code).toBe('address-refused')
    expect((await admin('DELETE', path)).json.error).toMatchObject({ code: 'not-found', param: 'origin' })
  })

  test.each([
    'ollama.lan',
    'http://ollama.lan/',
    'http://ollama.lan/v1',
    'ftp://x',
    'http://X:80',
    'http://x:*',
    'null',
  ])('%s is no origin', async (origin) => {
    const { status, json: reply } = await admin('POST', '/api/v1/allowed-origins', { origin })
    expect([status, reply.error.param]).toEqual([400, 'origin'])
  })
})

describe('P05: addresses in the base URL are told when it is saved', () => {
  test.each([
    'http://127.0.0.1:11434',
    'http://localhost:11434',
    'http://2130706433/', // decimal
    'http://0x7f.1/', // hex
    'http://0177.0.0.1/', // octal
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://192.168.1.10/v1',
  ])('%s', async (baseUrl) => {
    const { status, json: reply } = await save(baseUrl)
    expect([status, reply.error.code, reply.error.param]).toEqual([400, 'address-refused', 'baseUrl'])
    expect(reply.error.message).toContain(`The origin is ${new URL(baseUrl).origin}.`)
  })

  test.each(['http://169.254.169.254/latest', 'http://[fe80::1]/', 'http://[::ffff:a9fe:a9fe]/'])(
    '%s, even when it is allowed',
    async (baseUrl) => {
      await admin('POST', '/api/v1/allowed-origins', { origin: new URL(baseUrl).origin })
      const { json: reply } = await save(baseUrl)
      expect(reply.error).toMatchObject({ code: 'address-refused', param: 'baseUrl' })
      expect(reply.error.message).toContain('which is never allowed')
    },
  )

  test('an address that was stored before is refused when it is called', async () => {
    const origin = `http://127.0.0.1:${port}`
    await admin('POST', '/api/v1/allowed-origins', { origin })
    await server.connections.save({ provider: 'openai', slug: 'literal', baseUrl: origin, apiKey: KEY })
    expect((await call('literal')).status).toBe(200)
    await admin('DELETE', `/api/v1/allowed-origins?origin=${encodeURIComponent(origin)}`)
    expect((await call('literal')).error.code).toBe('address-refused')
  })
})
