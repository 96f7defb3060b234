import { dataFolder } from '@activepieces/test-support/server'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { proxyTarget } from '../src/domain/connections/target.ts'
import { type Budgets, createBudgets } from '../src/domain/usage/budgets.ts'
import { createRateLimiter } from '../src/domain/usage/rate-limiter.ts'
import { type Database, openDatabase } from '../src/platform/database/database.ts'
import { Secret } from '../src/platform/secrets/secret.ts'
import type { MeteredCall } from '../src/proxy/meter.ts'
import { createUsageMeter } from '../src/proxy/metering/usage-meter.ts'

let folder: Awaited<ReturnType<typeof dataFolder>>
let database: Database

beforeAll(async () => {
  folder = await dataFolder()
  database = await openDatabase({ dataDir: folder.path, databaseUrl: folder.databaseUrl })
})

afterAll(async () => {
  await database.close()
  await folder.remove()
})

const store = (instance?: string) =>
  createBudgets(database.db, {
    ...(instance === undefined ? {} : { instance }),
    onError: (error) => {
      throw error
    },
  })
/** Exactly so much. */
const exactly = (amount: number) => ({ min: amount, max: amount })
const write = (spend: Budgets, scope: string, cost: number) =>
  database.db.transaction().execute((trx) => spend.write(trx, new Map([[scope, cost]])))

test('two servers have no more in hand than the limit, and give back what they do not use', async () => {
  const allowance = { scope: 'two', limit: 1 }
  const [one, other] = [store('one'), store('other')]
  expect(await one.reserve(allowance, exactly(0.6))).toBe(0.6)
  expect(await other.reserve(allowance, exactly(0.6))).toEqual({ left: expect.closeTo(0.4, 9) })
  expect(await other.reserve(allowance, exactly(0.3))).toBe(0.3)
  one.settle('two', 0.6, 0.1)
  await write(one, 'two', 0.1)
  expect(await other.reserve(allowance, exactly(0.6))).toMatchObject({ left: expect.any(Number) })
  // As one does when it has had no call for a while.
  await store('one').renew()
  await expect.poll(() => other.reserve(allowance, exactly(0.59))).toBe(0.59)
})

test('what a server that was killed had in hand comes back when its lease ends', async () => {
  const allowance = { scope: 'killed', limit: 1 }
  await store('dead').reserve(allowance, exactly(0.9))
  const alive = store('alive')
  expect(await alive.reserve(allowance, exactly(0.5))).toEqual({ left: expect.closeTo(0.1, 9) })
  await sql`update spend_lease set expires = now() - interval '1 second' where instance = 'dead'`.execute(database.db)
  await expect.poll(() => alive.reserve(allowance, exactly(0.5))).toBe(0.5)
})

test('what a call costs beyond its estimate is counted, and the next one is refused', async () => {
  const allowance = { scope: 'over', limit: 1 }
  const spend = store()
  expect(await spend.reserve(allowance, exactly(0.1))).toBe(0.1)
  spend.settle('over', 0.1, 1.5)
  await write(spend, 'over', 1.5)
  expect(await spend.reserve(allowance, exactly(0.1))).toEqual({ left: expect.closeTo(-0.5, 9) })
})

test('a debt stops all servers before it is written, and until the limit is raised', async () => {
  const allowance = { scope: 'debt', limit: 1 }
  const [one, other] = [store('debtor'), store('neighbor')]
  database.changes.on('spend', one.recheck)
  database.changes.on('spend', other.recheck)
  // Both have in hand more than they use.
  expect(await one.reserve(allowance, exactly(0.001))).toBe(0.001)
  expect(await other.reserve(allowance, exactly(0.001))).toBe(0.001)
  expect(other.reserve(allowance, exactly(0.001))).toBe(0.001)
  one.settle('debt', 0.001, 2)
  await expect
    .poll(() => other.reserve(allowance, exactly(0.001)), { timeout: 10_000 })
    .toEqual({ left: expect.closeTo(-1.05, 9) })
  expect(await one.reserve(allowance, exactly(0.001))).toMatchObject({ left: expect.any(Number) })
  // Nor may a call pass for which next to nothing is set aside.
  expect(await one.reserve(allowance, exactly(0.000001))).toMatchObject({ left: expect.any(Number) })
  expect(await other.reserve(allowance, exactly(0.000001))).toMatchObject({ left: expect.any(Number) })
  await write(one, 'debt', 2)
  expect(await one.reserve(allowance, exactly(0.001))).toEqual({ left: expect.closeTo(-1.05, 9) })
  expect(await one.reserve({ ...allowance, limit: 3 }, exactly(0.5))).toBe(0.5)
  // A server that starts later knows it too.
  expect(await store('late').reserve(allowance, exactly(0.001))).toMatchObject({ left: expect.any(Number) })
})

test('a debt that other calls still cover is paid from what is in hand, before or after it is written', async () => {
  for (const scope of ['covered', 'written-first']) {
    const allowance = { scope, limit: 1 }
    const spend = store(scope)
    expect(await spend.reserve(allowance, exactly(0.01))).toBe(0.01)
    spend.settle(scope, 0.01, 0.3)
    if (scope === 'written-first') await write(spend, scope, 0.3)
    expect(await spend.reserve(allowance, exactly(0.7))).toBe(0.7)
    spend.settle(scope, 0.7, 0)
    if (scope === 'covered') await write(spend, scope, 0.3)
    expect(await store(`${scope}-2`).reserve(allowance, exactly(0.71))).toMatchObject({ left: expect.any(Number) })
    expect(await spend.reserve(allowance, exactly(0.71))).toEqual({ left: expect.closeTo(0.7, 9) })
  }
})

test('a call takes what is left, where that is enough to start, and a lower limit is in force immediately', async () => {
  const allowance = { scope: 'rest', limit: 1 }
  const spend = store()
  expect(await spend.reserve(allowance, { min: 0.1, max: 0.8 })).toBe(0.8)
  expect(await spend.reserve(allowance, { min: 0.1, max: 0.8 })).toBeCloseTo(0.2, 9)
  expect(await spend.reserve(allowance, { min: 0.1, max: 0.8 })).toEqual({ left: expect.closeTo(0, 9) })
  spend.settle('rest', 0.8, 0.1)
  expect(await spend.reserve({ ...allowance, limit: 0.2 }, exactly(0.01))).toMatchObject({ left: expect.any(Number) })
})

test('what a token has spent is forgotten when it has ended, at the start and then hour by hour', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const spend = store()
    const tokens = async () => {
      const rows = await database.db.selectFrom('spend').select('scope').where('scope', 'like', '%old%').execute()
      return rows.map(({ scope }) => scope).sort()
    }
    const age = (like: string) =>
      sql`update spend set updated = now() - interval '121 minutes' where scope like ${like}`.execute(database.db)
    for (const scope of ['token:old-1', 'token:old-2', 'project:old:2026-01']) await write(spend, scope, 0.1)
    await age('%old-1')
    await age('project:old%')
    await spend.renew()
    expect(await tokens()).toEqual(['project:old:2026-01', 'token:old-2'])
    await age('%old-2')
    await spend.renew()
    expect(await tokens()).toContain('token:old-2')
    vi.setSystemTime(Date.now() + 3_600_000)
    await spend.renew()
    expect(await tokens()).toEqual(['project:old:2026-01'])
  } finally {
    vi.useRealTimers()
  }
})

test('many at once ask the database once for all, and none is let through too much', async () => {
  const spend = store()
  const replies = await Promise.all(
    Array.from({ length: 200 }, () => spend.reserve({ scope: 'many', limit: 1 }, exactly(0.01))),
  )
  expect(replies.filter((amount) => amount === 0.01)).toHaveLength(100)
})

test('a minute has as many calls as the limit, for two servers together, and the next one as many again', async () => {
  await awaitYoungMinute()
  let now = 0
  const rates = [createRateLimiter(database.db, () => now), createRateLimiter(database.db, () => now)]
  const letThrough = async () => {
    const takes = Array.from({ length: 400 }, (_, at) => rates[at % 2]?.take('fast', 250))
    return (await Promise.all(takes)).filter((wait) => wait === undefined).length
  }
  expect(await letThrough()).toBe(250)
  const wait = (await rates[0]?.take('fast', 250)) ?? 0
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(60)
  now += 60_000
  await moveMinute('fast', -1)
  expect(await letThrough()).toBe(250)
})

test('a minute counted while the clock was ahead does not refuse the calls after it was set back', async () => {
  await awaitYoungMinute()
  let now = 0
  const rate = createRateLimiter(database.db, () => now)
  const take = async () => [await rate.take('back', 1), await rate.take('back', 1)]
  expect(await take()).toEqual([undefined, expect.any(Number)])
  await moveMinute('back', 60)
  now += 60_000
  expect(await take()).toEqual([undefined, expect.any(Number)])
})

/** As if the calls on record had been made in another minute. */
const moveMinute = (project: string, minutes: number) =>
  sql`update request_rate set minute = minute + ${minutes} where project_id = ${project}`.execute(database.db)

/** Waits for the next minute of the clock when this one is nearly over. */
async function awaitYoungMinute() {
  const left = 60_000 - (Date.now() % 60_000)
  if (left < 5_000) await new Promise((resolve) => setTimeout(resolve, left + 10))
}

test('while rows cannot be written they wait, and in the end no call is made without one', async () => {
  const nobody = await dataFolder()
  const gone = await openDatabase({ dataDir: nobody.path, databaseUrl: nobody.databaseUrl })
  await gone.close()
  const logged: unknown[] = []
  const log = { error: (line: unknown) => void logged.push(line) }
  const meter = createUsageMeter({ database: gone, findProject: () => undefined, isFree: () => false, log })
  const connection = { id: 'c', slug: 'openai', provider: 'openai' }
  const call: MeteredCall = {
    id: 'r',
    claims: { projectId: 'local', tokenId: 't' },
    target: proxyTarget(connection, 'http://127.0.0.1:1', new Secret({})),
    method: 'POST',
    path: '/v1/chat/completions',
    headers: {},
    body: null,
    bodyIsWhole: true,
  }
  const outcome = { status: 200, end: 'completed', code: undefined, message: undefined } as const
  const times = { firstByte: 1, total: 2, bytes: 0, requestBytes: 0, requestId: undefined }
  const one = async () => (await meter.start(call))?.over({ ...outcome, ...times })
  const most = async () => {
    for (let made = 0; made < 60_000; made++) await one()
  }
  await expect(most()).rejects.toMatchObject({ status: 529, code: 'overloaded', retryAfter: 2 })
  await expect.poll(() => logged.length, { timeout: 10_000 }).toBeGreaterThan(0)
  await meter.flush() // gives up
  await nobody.remove()
})
