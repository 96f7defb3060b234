import { ADMIN_KEY, dataFolder, startServer, type TestServer } from '@activepieces/test-support/server'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createProjects } from '../src/domain/projects/projects.ts'
import { createServer } from '../src/index.ts'
import { openDatabase } from '../src/platform/database/database.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer({ pieces: {} })
})

afterAll(() => server.stop())

const admin = (method: string, path: string, body?: object) =>
  server.call(method, `/api/v1${path}`, { key: ADMIN_KEY, body })
const create = (body: object) => admin('POST', '/projects', body)

describe('projects', () => {
  test('there is always one', async () => {
    const { json } = await admin('GET', '/projects')
    const limits = { monthlyBudgetUsd: null, requestsPerMinute: null, unpricedModels: { type: 'refuse' } }
    const local = { id: 'local', name: 'Local', ...limits, tokensValidFrom: null }
    expect(json.data[0]).toMatchObject(local)
    const refused = await admin('DELETE', '/projects/local')
    expect([refused.status, refused.json.error.message]).toEqual([400, 'The project "local" can\'t be deleted.'])
  })

  test('are made, changed, found and deleted', async () => {
    const made = await create({ id: 'shop', name: ' Shop ', monthlyBudgetUsd: 12.5 })
    expect(made.status).toBe(201)
    expect(made.json).toMatchObject({ id: 'shop', name: 'Shop', monthlyBudgetUsd: 12.5, requestsPerMinute: null })
    expect(await server.projects.find('shop')).toEqual(made.json)
    const changed = await admin('PATCH', '/projects/shop', { requestsPerMinute: 60 })
    expect(changed.json).toMatchObject({ name: 'Shop', monthlyBudgetUsd: 12.5, requestsPerMinute: 60 })
    expect(await server.projects.find('shop')).toEqual(changed.json)
    const unpricedModels = { type: 'price', inputUsdPerMillionTokens: 0.15, outputUsdPerMillionTokens: 1.2 }
    const priced = await admin('PATCH', '/projects/shop', { unpricedModels })
    expect(priced.json).toMatchObject({ monthlyBudgetUsd: 12.5, unpricedModels })
    const without = await admin('PATCH', '/projects/shop', { monthlyBudgetUsd: null })
    expect(without.json).toMatchObject({ monthlyBudgetUsd: null, requestsPerMinute: 60, unpricedModels })
    expect((await admin('DELETE', '/projects/shop')).status).toBe(204)
    expect(await server.projects.find('shop')).toBeUndefined()
    for (const [method, path, body] of [
      ['PATCH', '/projects/shop', {}],
      ['DELETE', '/projects/shop', undefined],
      ['POST', '/projects/shop/revoke-tokens', undefined],
    ] as const) {
      const { status, json } = await admin(method, path, body)
      expect([status, json.error.code]).toEqual([404, 'project-not-found'])
    }
  })

  test('a revocation while the clock was ahead does not lock the project, and a later one ends what was minted since', async () => {
    await create({ id: 'ahead', name: 'Ahead' })
    const statusWith = async (key: string) => (await server.call('GET', '/api/v1/ai-providers', { key })).status
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3 * 3_600_000 })
    await admin('POST', '/projects/ahead/revoke-tokens')
    vi.useRealTimers()
    const token = await server.token('ahead')
    expect(await statusWith(token)).toBe(200)
    await admin('POST', '/projects/ahead/revoke-tokens')
    expect(await statusWith(token)).toBe(401)
    expect(await statusWith(await server.token('ahead'))).toBe(200)
  })

  test('end all their tokens at once; tokens of others and new ones go on', async () => {
    await create({ id: 'ending', name: 'Ending' })
    const [token, other] = [await server.token('ending'), await server.token('local')]
    const statusWith = async (key: string) => (await server.call('GET', '/api/v1/ai-providers', { key })).status
    expect([await statusWith(token), await statusWith(other)]).toEqual([200, 200])
    const { json } = await admin('POST', '/projects/ending/revoke-tokens')
    expect(Date.parse(json.tokensValidFrom)).toBeLessThanOrEqual(Date.now())
    const refused = await server.call('GET', '/api/v1/ai-providers', { key: token })
    expect([refused.status, refused.json.error.code]).toEqual([401, 'engine-token-revoked'])
    expect(refused.text).toContain('was revoked')
    expect([await statusWith(other), await statusWith(await server.token('ending'))]).toEqual([200, 200])
  })

  test('are known at once on a server that has not heard yet that another has made them', async () => {
    const folder = await dataFolder()
    const { db, close } = await openDatabase({ dataDir: folder.path, databaseUrl: folder.databaseUrl })
    const [one, other] = [createProjects(db), createProjects(db)]
    expect(await one.find('fresh')).toBeUndefined()
    const made = await other.create({ id: 'fresh', name: 'Fresh', monthlyBudgetUsd: null, requestsPerMinute: null })
    expect(await one.find('fresh')).toEqual(made)
    await close()
    await folder.remove()
  })

  test('have an id of their own, and one only', async () => {
    const { json } = await create({ name: 'Unnamed id' })
    expect(json.id).toMatch(/^[\w-]{36}$/)
    const again = await create({ id: json.id, name: 'Again' })
    expect([again.status, again.json.error.code, again.json.error.param]).toEqual([409, 'already-exists', 'id'])
  })

  test('keep a budget to a millionth of a dollar', async () => {
    for (const monthlyBudgetUsd of [0, 0.000001, 0.1, 1234567.654321]) {
      const { json } = await create({ name: 'exact', monthlyBudgetUsd })
      expect(json.monthlyBudgetUsd).toBe(monthlyBudgetUsd)
    }
  })

  test.each([
    [{ name: 'x', owner: 'me' }, 'owner', 'Unknown field "owner". The fields are: id, name, monthlyBudgetUsd'],
    [{}, 'name', 'is missing'],
    [{ name: '' }, 'name', 'cannot be ""'],
    [{ name: 'x', id: 'a b' }, 'id', '1 to 64 letters'],
    [{ name: 'x', monthlyBudgetUsd: -1 }, 'monthlyBudgetUsd', 'cannot be -1'],
    [{ name: 'x', monthlyBudgetUsd: '5' }, 'monthlyBudgetUsd', 'cannot be "5"'],
    [{ name: 'x', unpricedModels: { type: 'guess' } }, 'unpricedModels.type', 'refuse'],
    [{ name: 'x', unpricedModels: { type: 'price' } }, 'unpricedModels.inputUsdPerMillionTokens', 'is missing'],
    [{ name: 'x', requestsPerMinute: 0 }, 'requestsPerMinute', 'cannot be 0'],
    [{ name: 'x', requestsPerMinute: 1.5 }, 'requestsPerMinute', 'cannot be 1.5'],
  ])('%o is refused and says why', async (body, param, words) => {
    const { status, json } = await create(body)
    expect([status, json.error.code, json.error.param]).toEqual([400, 'invalid-request', param])
    expect(json.error.message).toContain(words)
  })

  test('a change names no unknown field either', async () => {
    const { status, json } = await admin('PATCH', '/projects/local', { id: 'other' })
    expect([status, json.error.param]).toEqual([400, 'id'])
  })
})

test('projects of an older database keep their budgets as they were, and the log says what these do not count', async () => {
  const folder = await dataFolder()
  const { db, close } = await openDatabase({ dataDir: folder.path, databaseUrl: folder.databaseUrl })
  await sql`alter table project drop column unpriced_models`.execute(db)
  await sql`alter table usage drop column estimated`.execute(db)
  await sql`update project set monthly_budget_usd = 5`.execute(db)
  await sql`delete from kysely_migration where name >= '0060'`.execute(db)
  await close()
  const logs: string[] = []
  const older = await createServer({
    port: 0,
    dataDir: folder.path,
    databaseUrl: folder.databaseUrl,
    pieces: {},
    logStream: { write: (line) => void logs.push(line) },
  })
  expect(await older.projects.list()).toMatchObject([{ id: 'local', unpricedModels: { type: 'allow' } }])
  const notices = logs.filter((line) => line.includes('does not count calls to models without a known price'))
  expect(notices).toHaveLength(1)
  expect(await older.projects.create({ id: 'new', name: 'New' })).toMatchObject({ unpricedModels: { type: 'refuse' } })
  await older.close()
  await folder.remove()
})
