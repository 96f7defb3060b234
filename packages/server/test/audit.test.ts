import { session } from '@activepieces/contract'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { startVendor, type Vendor } from '@activepieces/test-support/vendor'
import { afterAll, beforeAll, expect, test } from 'vitest'

const KEY = 'sk-known-value-0123456789'
let server: TestServer
let vendor: Vendor

beforeAll(async () => {
  vendor = await startVendor()
  server = await startServer({ pieces: {} })
})
afterAll(async () => {
  await server.stop()
  await vendor.close()
})

const admin = (method: string, path: string, body?: object) =>
  server.call(method, `/api/v1${path}`, { key: ADMIN_KEY, body })
const audit = async (query = '') => (await admin('GET', `/audit${query}`)).json

/** One call of every route by which an admin changes something. A route that is missing here fails the test below. */
const CHANGES: readonly (readonly [route: string, path: string, body: object | undefined, action: string])[] = [
  ['POST /api/v1/ai-providers', '/ai-providers', { provider: 'openai', slug: 'a', apiKey: KEY }, 'connection.create'],
  ['PATCH /api/v1/ai-providers/:idOrSlug', '/ai-providers/a', { label: 'A' }, 'connection.update'],
  ['POST /api/v1/ai-providers/test', '/ai-providers/test', { provider: 'openai', apiKey: KEY }, 'connection.test'],
  ['POST /api/v1/ai-providers/:slug/check', '/ai-providers/a/check', undefined, 'connection.check'],
  ['POST /api/v1/ai-providers/:slug/drill', '/ai-providers/a/drill', { fault: '503', seconds: 9 }, 'drill.start'],
  ['DELETE /api/v1/ai-providers/:slug/drill', '/ai-providers/a/drill', undefined, 'drill.stop'],
  ['POST /api/v1/ai-providers/:slug/doctor', '/ai-providers/a/doctor', undefined, 'connection.doctor'],
  ['DELETE /api/v1/ai-providers/:idOrSlug', '/ai-providers/a', undefined, 'connection.delete'],
  ['POST /api/v1/allowed-origins', '/allowed-origins', { origin: 'http://x.lan' }, 'allowed-origin.add'],
  ['DELETE /api/v1/allowed-origins', '/allowed-origins?origin=http://x.lan', undefined, 'allowed-origin.remove'],
  ['POST /api/v1/projects', '/projects', { id: 'p', name: 'P' }, 'project.create'],
  ['PATCH /api/v1/projects/:id', '/projects/p', { monthlyBudgetUsd: 5 }, 'project.update'],
  ['POST /api/v1/engine-tokens', '/engine-tokens', { projectId: 'p', models: ['m'] }, 'engine-token.mint'],
  ['POST /api/v1/projects/:id/tokens', '/projects/p/tokens', { name: 't' }, 'project-token.create'],
  ['DELETE /api/v1/projects/:id/tokens/:tokenId', '/projects/p/tokens/:tokenId', undefined, 'project-token.delete'],
  ['POST /api/v1/projects/:id/revoke-tokens', '/projects/p/revoke-tokens', undefined, 'project.revoke-tokens'],
  ['DELETE /api/v1/projects/:id', '/projects/p', undefined, 'project.delete'],
]

test('every route by which an admin changes something is in the table', () => {
  const changing = server
    .routes()
    .filter(({ route, access }) => access?.startsWith('admin') && !/^(GET|HEAD) /.test(route))
  // Running a piece does not change the server. Sessions are tested below.
  const known = [...CHANGES.map(([route]) => route), 'DELETE /api/v1/session']
  const runs = changing.filter(({ route }) => route.startsWith('POST /api/v1/pieces/')).map(({ route }) => route)
  expect(changing.map(({ route }) => route).sort()).toEqual([...known, ...runs].sort())
})

test('every change leaves a row that says who, what, before and after, without secrets', async () => {
  let tokenId = ''
  for (const [route, path, body, action] of CHANGES) {
    const [method = ''] = route.split(' ')
    const sent = body && 'provider' in body ? { ...body, baseUrl: vendor.url } : body
    const reply = await admin(method, path.replace(':tokenId', tokenId), sent)
    expect([route, reply.status], reply.text).toEqual([route, expect.toSatisfy((status: number) => status < 300)])
    if (action === 'project-token.create') tokenId = reply.json.id
    const { data } = await audit('?limit=5')
    const [row] = data.filter((one: { action: string }) => one.action === action)
    expect(row, route).toMatchObject({ who: 'admin key', requestId: expect.any(String) })
  }
  const { data } = await audit('?limit=200')
  const of = (action: string) => data.find((one: { action: string }) => one.action === action)
  expect(of('project.update')).toMatchObject({
    target: 'p',
    before: { monthlyBudgetUsd: null },
    after: { monthlyBudgetUsd: 5 },
  })
  expect(of('connection.update')).toMatchObject({ target: 'a', before: { label: 'OpenAI' }, after: { label: 'A' } })
  expect(of('connection.delete')).toMatchObject({ before: { slug: 'a' }, after: null })
  expect(of('connection.test')).toMatchObject({ after: { outcome: 'works' } })
  expect(of('connection.doctor')).toMatchObject({ before: null, after: { verdicts: { models: 'yes', text: 'yes' } } })
  expect(of('drill.stop').before).toMatchObject({ fault: '503' })
  expect(JSON.stringify(data)).not.toMatch(/sk-known|eyJ|ap_project_[\w-]{20}/)
})

test('a session signs with its own name', async () => {
  const signedIn = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ adminKey: ADMIN_KEY }),
  })
  const { id } = session.parse(await signedIn.json())
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const headers = { cookie, origin: server.url, 'content-type': 'application/json' }
  await fetch(`${server.url}/api/v1/projects`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'by session' }),
  })
  await fetch(`${server.url}/api/v1/session`, { method: 'DELETE', headers: { cookie, origin: server.url } })
  const { data } = await audit('?limit=3')
  expect(data.map(({ who, action }: { who: string; action: string }) => `${who}: ${action}`)).toEqual([
    `session ${id}: session.delete`,
    `session ${id}: project.create`,
    'admin key: session.create',
  ])
})

test('a change that fails leaves no row', async () => {
  const before = (await audit()).data[0].id
  await admin('POST', '/projects', { id: 'local', name: 'again' })
  await admin('PATCH', '/projects/nobody', { name: 'x' })
  await admin('DELETE', '/ai-providers/nobody')
  await admin('POST', '/projects/nobody/tokens', { name: 'x' })
  expect((await audit()).data[0].id).toBe(before)
})

test('pages follow one another by the cursor and miss nothing', async () => {
  for (let at = 0; at < 5; at++) await admin('POST', '/projects', { name: `page ${at}` })
  const whole: { id: string }[] = (await audit('?limit=200')).data
  const paged: { id: string }[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: { data: { id: string }[]; next: string | null } = await audit(
      `?limit=2${cursor && `&cursor=${cursor}`}`,
    )
    expect(page.data.length).toBeLessThanOrEqual(2)
    paged.push(...page.data)
    cursor = page.next
  }
  expect(paged).toEqual(whole)
  for (const query of ['?limit=0', '?limit=201', '?cursor=x', '?page=2']) {
    expect((await admin('GET', `/audit${query}`)).status).toBe(400)
  }
})

test('a save of a connection is one row, with the result of its test', async () => {
  const connection = { provider: 'openai', slug: 'once', apiKey: KEY, baseUrl: vendor.url }
  const rowsOf = async (method: string, path: string, body: object) => {
    const [newest] = (await audit('?limit=1')).data
    expect((await admin(method, path, body)).status).toBe(200)
    const { data } = await audit('?limit=10')
    return data.filter(({ id }: { id: string }) => Number(id) > Number(newest.id))
  }
  const after = { slug: 'once', status: 'active' }
  expect(await rowsOf('POST', '/ai-providers', connection)).toMatchObject([{ action: 'connection.create', after }])
  const changed = await rowsOf('PATCH', '/ai-providers/once', { apiKey: `${KEY}-2` })
  expect(changed).toMatchObject([{ action: 'connection.update', before: after, after }])
  expect(changed[0].after.checkedAt).not.toBe(changed[0].before.checkedAt)
})
