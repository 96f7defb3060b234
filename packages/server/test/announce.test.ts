import { dataFolder } from '@activepieces/test-support/server'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../src/platform/database/database.ts'

let database: Database
let stop: () => Promise<unknown>
let heard: string[]

beforeAll(async () => {
  const folder = await dataFolder()
  database = await openDatabase({ dataDir: folder.path, databaseUrl: folder.databaseUrl })
  for (const topic of ['connection', 'drill', 'project', 'allowed_origin'] as const) {
    database.changes.on(topic, (key) => heard.push(`${topic} ${key}`))
  }
  stop = async () => {
    await database.close()
    await folder.remove()
  }
})

beforeEach(() => {
  heard = []
})

afterAll(() => stop())

/** All that was announced until now: what is announced last is heard last. */
async function allHeard(): Promise<string[]> {
  const last = `http://last-${Math.random()}`
  await database.db.insertInto('allowed_origin').values({ origin: last, created: new Date() }).execute()
  await expect.poll(() => heard.at(-1), { timeout: 1_000, interval: 5 }).toBe(`allowed_origin ${last}`)
  return heard.slice(0, -1)
}

const connection = {
  ...{ id: 'c1', provider: 'openai', slug: 'with a space', label: 'x', base_url: 'https://x', headers: 'sealed' },
  ...{ emulated: false, created: new Date(), updated: new Date() },
}

test('every committed change is heard with the key of its row, whatever made it', async () => {
  const { db } = database
  await db.insertInto('connection').values(connection).execute()
  await sql`update connection set base_url = 'https://y'`.execute(db)
  const drill = { fault: '429', delay_ms: 0, started: new Date(), ends: new Date() } as const
  await db
    .insertInto('drill')
    .values({ connection_id: 'c1', ...drill })
    .execute()
  await db.updateTable('project').set({ tokens_valid_from: new Date() }).execute()
  await db.deleteFrom('connection').execute()
  expect(await allHeard()).toEqual([
    'connection with a space',
    'connection with a space',
    'drill c1',
    'project local',
    ...['connection with a space', 'drill c1'],
  ])
})

test('what is rolled back, or changes nothing that is kept in memory, is not announced', async () => {
  const { db } = database
  await db.insertInto('connection').values(connection).execute()
  const failing = db.transaction().execute(async (trx) => {
    await trx.updateTable('connection').set({ label: 'y' }).execute()
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await db.updateTable('connection').set({ last_used_at: new Date(), status_reason: 'fine' }).execute()
  await db.updateTable('connection').set({ label: 'x' }).execute()
  expect(await allHeard()).toEqual(['connection with a space'])
})
