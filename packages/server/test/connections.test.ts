import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { type Mood, startVendor, type Vendor } from '@activepieces/test-support/vendor'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const KEY = 'sk-known-value-0123456789'
let server: TestServer
let vendor: Vendor
let other: Vendor

beforeAll(async () => {
  vendor = await startVendor()
  other = await startVendor()
  server = await startServer({ pieces: {} })
})
beforeEach(() => {
  vendor.feel('works')
  other.feel('works')
})
afterAll(async () => {
  await server.stop()
  await vendor.close()
  await other.close()
})

const admin = (method: string, path: string, body?: object) =>
  server.call(method, `/api/v1/ai-providers${path}`, { key: ADMIN_KEY, body })
const save = (slug: string, body: object = {}) =>
  admin('POST', '', { provider: 'openai', slug, baseUrl: vendor.url, apiKey: KEY, ...body })
const change = (slug: string, body: object) => admin('PATCH', `/${slug}`, body)
const stored = async (slug: string) => (await server.connections.resolve(slug))?.headers.reveal()
const listed = async (slug: string) => (await server.connections.list()).find((one) => one.slug === slug)

describe('C5: a credential is tried before it is stored', () => {
  const outcomes: [Mood, string, number, string, RegExp][] = [
    ['rejects', 'key-rejected', 422, 'key-rejected', /the vendor rejects the key\. Incorrect key: \S*\s?\[redacted\]/],
    ['no-credit', 'out-of-credit', 422, 'out-of-credit', /no credit left\. You exceeded your current quota/],
    ['broken', 'unreachable', 422, 'vendor-unreachable', /can't be reached\. The server is down.*saveAnyway/],
  ]

  test('one that works is stored as active, and the vendor was asked for its models and a word', async () => {
    const { status, json } = await save('works')
    expect([status, json.status, json.statusReason]).toEqual([200, 'active', null])
    expect(Date.parse(json.checkedAt)).toBeGreaterThan(0)
    expect(vendor.requests.map(({ url }) => url)[0]).toBe('/v1/models')
    expect(vendor.requests.length).toBe(2)
    for (const { headers } of vendor.requests) expect(headers.authorization).toBe(`Bearer ${KEY}`)
  })

  test.each(outcomes)('%s: %s', async (mood, outcome, status, code, words) => {
    vendor.feel(mood)
    const tried = await admin('POST', '/test', { provider: 'openai', baseUrl: vendor.url, apiKey: KEY })
    expect([tried.status, tried.json.outcome]).toEqual([200, outcome])
    expect(tried.json.remedy).toEqual(expect.any(String))
    const refused = await save(mood)
    expect([refused.status, refused.json.error.code]).toEqual([status, code])
    expect(refused.json.error.message).toMatch(words)
    expect(await listed(mood)).toBeUndefined()
    expect(tried.text + refused.text).not.toContain('sk-known')
    const anyway = await save(mood, { saveAnyway: true })
    expect(anyway.status).toBe(outcome === 'unreachable' ? 200 : 422)
    if (outcome === 'unreachable')
      expect(anyway.json).toMatchObject({ status: 'unreachable', statusReason: expect.any(String) })
  })

  test('a host where nothing answers is unreachable', async () => {
    const { json } = await admin('POST', '/test', { provider: 'openai', baseUrl: 'http://127.0.0.1:1', apiKey: KEY })
    expect(json).toMatchObject({ outcome: 'unreachable', message: expect.stringContaining('ECONNREFUSED') })
  })

  test('a try stores nothing and opens nothing', async () => {
    const before = await server.connections.list()
    await admin('POST', '/test', { provider: 'openai', slug: 'tried', baseUrl: vendor.url, apiKey: KEY })
    expect(await server.connections.list()).toEqual(before)
    expect(await server.connections.resolve('tried')).toBeUndefined()
    const strange = await admin('POST', '/test', { provider: 'openai', apiKey: KEY, owner: 'me' })
    expect([strange.status, strange.json.error.param]).toEqual([400, 'owner'])
  })

  test('a stored one is tried again, and what came of it is noted', async () => {
    await save('again')
    vendor.feel('rejects')
    expect((await admin('POST', '/again/check')).json.outcome).toBe('key-rejected')
    expect(await listed('again')).toMatchObject({
      status: 'key-rejected',
      statusReason: expect.stringContaining('[redacted]'),
    })
    vendor.feel('works')
    expect((await admin('POST', '/again/check')).json.outcome).toBe('works')
    expect(await listed('again')).toMatchObject({ status: 'active', statusReason: null })
    expect((await admin('POST', '/nobody/check')).status).toBe(404)
  })
})

describe('C2: the credential stays with its host', () => {
  test('a new origin requires the credential again, and the old one is not sent there', async () => {
    await save('moves', { headers: { 'X-Org': 'org-secret' } })
    const without = await change('moves', { baseUrl: other.url })
    expect([without.status, without.json.error.param]).toEqual([400, 'apiKey'])
    expect(without.json.error.message).toContain('points to another host')
    expect(other.requests).toEqual([])
    const { status, json } = await change('moves', { baseUrl: other.url, apiKey: 'sk-new' })
    expect([status, json.headerNames]).toEqual([200, ['Authorization']])
    expect(await stored('moves')).toEqual(['Authorization', 'Bearer sk-new'])
    expect(JSON.stringify(other.requests.map(({ rawHeaders }) => rawHeaders))).not.toMatch(/sk-known|org-secret/)
  })

  test.each(['scheme', 'port', 'host'])('another %s is another origin', async (part) => {
    await save('strict')
    const url = new URL(vendor.url)
    if (part === 'scheme') url.protocol = 'https:'
    if (part === 'port') url.port = '1'
    if (part === 'host') url.hostname = 'localhost'
    expect((await change('strict', { baseUrl: url.href })).json.error.param).toBe('apiKey')
  })

  test('the same origin with another path keeps it', async () => {
    await save('path')
    const { status } = await change('path', { baseUrl: `${vendor.url}/`, label: 'Mine' })
    expect(status).toBe(200)
    expect(await stored('path')).toEqual(['Authorization', `Bearer ${KEY}`])
    expect(await listed('path')).toMatchObject({ label: 'Mine', status: 'active' })
  })
})

describe('a change', () => {
  test('of the label tries nothing and keeps the rest', async () => {
    const { json: before } = await save('label')
    vendor.feel('broken')
    const { json } = await change('label', { label: 'New' })
    expect(json).toEqual({ ...before, label: 'New', updated: json.updated, lastUsedAt: json.lastUsedAt })
    expect(vendor.requests).toEqual([])
  })

  test('of the key is tried first: one that is rejected leaves the old one', async () => {
    const { json: before } = await save('key')
    vendor.feel('rejects')
    expect((await change('key', { apiKey: 'sk-bad' })).json.error.code).toBe('key-rejected')
    expect(await stored('key')).toEqual(['Authorization', `Bearer ${KEY}`])
    vendor.feel('works')
    const { json } = await change('key', { apiKey: 'sk-better' })
    expect(json.fingerprint).not.toBe(before.fingerprint)
    expect(await stored('key')).toEqual(['Authorization', 'Bearer sk-better'])
  })

  test('of headers sets, replaces whatever the casing, and takes away; values are never given back', async () => {
    await save('headers', { headers: { 'X-Org': 'org-secret', 'X-Old': 'old-secret' } })
    const { json, text } = await change('headers', { headers: { 'x-org': 'new-secret', 'X-Old': null, 'X-New': 'n' } })
    expect(json.headerNames).toEqual(['Authorization', 'x-org', 'X-New'])
    expect(await stored('headers')).toEqual(['Authorization', `Bearer ${KEY}`, 'x-org', 'new-secret', 'X-New', 'n'])
    expect(text).not.toMatch(/secret|sk-known/)
    const list = await admin('GET', '')
    expect(list.text).not.toMatch(/secret|sk-known/)
  })

  test('of the slug: not to one that is taken, nor to the name of a provider', async () => {
    await save('slug-a')
    await save('slug-b')
    const taken = await change('slug-a', { slug: 'slug-b' })
    expect([taken.status, taken.json.error.code, taken.json.error.param]).toEqual([409, 'already-exists', 'slug'])
    expect((await change('slug-a', { slug: 'anthropic' })).json.error.param).toBe('slug')
    expect((await change('slug-a', { slug: 'slug-c' })).json.slug).toBe('slug-c')
    expect((await change('slug-a', { label: 'x' })).status).toBe(404)
    expect(await stored('slug-c')).toEqual(['Authorization', `Bearer ${KEY}`])
  })

  test('several connections of one vendor stand side by side, each with its key', async () => {
    await save('one', { apiKey: 'sk-one' })
    await save('two', { apiKey: 'sk-two' })
    expect([await stored('openai@one'), await stored('openai@two')].flat()).toEqual(
      ['sk-one', 'sk-two'].flatMap((key) => ['Authorization', `Bearer ${key}`]),
    )
    expect(await stored('anthropic@one')).toBeUndefined()
  })

  test.each([
    [{ id: 'x' }, 'id', 'Unknown field "id"'],
    [{ provider: 'anthropic' }, 'provider', 'Unknown field "provider"'],
    [{ baseUrl: 'ftp://x' }, 'baseUrl', 'http or https'],
    [{ apiKey: '' }, 'apiKey', 'has an invalid value'],
    [{ headers: { Host: 'x' } }, 'headers.Host', 'set by the server itself'],
    [{ apiKey: KEY, headers: { authorization: 'x' } }, 'headers', 'set only one of the two'],
  ])('C3: %o is refused and says why', async (body, param, words) => {
    await save('refuses')
    const { status, json, text } = await change('refuses', body)
    expect([status, json.error.param]).toEqual([400, param])
    expect(json.error.message).toContain(words)
    expect(text).not.toContain('sk-known')
  })
})
