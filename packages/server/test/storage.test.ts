import { AiProviders } from '@activepieces/pieces-common'
import { dataFolder } from '@activepieces/test-support/server'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createConnections } from '../src/domain/connections/connections.ts'
import { recordUse, setHealth } from '../src/domain/connections/health.ts'
import { createAllowedOrigins } from '../src/domain/outbound/allowed-origins.ts'
import { createGuard } from '../src/domain/outbound/guard.ts'
import { type Database, openDatabase } from '../src/platform/database/database.ts'
import type { Schema } from '../src/platform/database/schema.ts'
import { settingOrElse } from '../src/platform/database/settings.ts'
import type { Keys } from '../src/platform/secrets/keys.ts'
import { open } from '../src/platform/secrets/sealed.ts'
import { keysOf } from './keys.ts'

const KEY = 'sk-known-value-0123456789'

const TABLES: Record<keyof Schema, true> = {
  connection: true,
  store_entry: true,
  setting: true,
  allowed_origin: true,
  drill: true,
  doctor: true,
  project: true,
  audit: true,
  session: true,
  project_token: true,
  usage: true,
  spend: true,
  spend_lease: true,
  request_rate: true,
}

describe('the database', () => {
  let database: Database
  let keys: Keys
  let stop: () => Promise<void>
  const storeOf = (withKeys: Keys) => {
    const guard = createGuard(createAllowedOrigins(database.db, ['http://127.0.0.1:1']))
    return createConnections(database.db, withKeys, AiProviders, guard)
  }

  beforeAll(async () => {
    const folder = await dataFolder()
    database = await openDatabase({ dataDir: folder.path, databaseUrl: folder.databaseUrl })
    keys = keysOf(7)
    stop = async () => {
      await database.close()
      await folder.remove()
    }
  })

  afterAll(() => stop())

  test('int8 is a number and timestamptz a Date', async () => {
    const { rows } = await sql<{ n: unknown; at: unknown }>`select count(*) as n, now() as at from connection`.execute(
      database.db,
    )
    expect(rows[0]).toEqual({ n: 0, at: expect.any(Date) })
  })

  test('the schema types every table that the migrations create', async () => {
    const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.tables
      where table_schema = current_schema() and table_name not like 'kysely_%'`.execute(database.db)
    expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(TABLES).sort())
  })

  test('transactions have the database for themselves and roll back whole', async () => {
    const { db } = database
    const write = (value: string) => ({ name: 'n', value })
    const failing = db.transaction().execute(async (trx) => {
      await trx.insertInto('setting').values(write('rolled back')).execute()
      await new Promise((resolve) => setTimeout(resolve, 50))
      throw new Error('no')
    })
    const beside = db.insertInto('setting').values({ name: 'beside', value: 'kept' }).execute()
    await expect(failing).rejects.toThrow('no')
    await beside
    const rows = await db.selectFrom('setting').selectAll().execute()
    expect(rows).toEqual([{ name: 'beside', value: 'kept' }])
  })

  test('the first writer of a setting wins', async () => {
    const values = await Promise.all(['a', 'b', 'c'].map((value) => settingOrElse(database.db, 'race', value)))
    expect(new Set(values).size).toBe(1)
  })

  test('a query that fails rejects with its code and leaves the database usable', async () => {
    await expect(sql`select nothing`.execute(database.db)).rejects.toMatchObject({ code: '42703' })
    await sql`select 1`.execute(database.db)
  })

  test('connections: saved, replaced, resolved, removed; simultaneous saves end as one row', async () => {
    const connections = storeOf(keys)
    const saves = ['one', 'two', 'three'].map((label) => connections.save({ provider: 'openai', label, apiKey: KEY }))
    await Promise.all(saves)
    expect((await connections.list()).length).toBe(1)
    expect((await connections.resolve('openai'))?.headers.reveal()).toEqual(['Authorization', `Bearer ${KEY}`])
    await connections.save({ provider: 'openai', baseUrl: 'http://127.0.0.1:1/base/', apiKey: 'changed' })
    const changed = await connections.resolve('openai')
    expect([changed?.basePath, changed?.headers.reveal()]).toEqual(['/base', ['Authorization', 'Bearer changed']])
    expect(await connections.remove('openai')).toBe(true)
    expect(await connections.resolve('openai')).toBeUndefined()
  })

  test('C1: at rest there is no key, and a ciphertext that was moved to another row does not open', async () => {
    const connections = storeOf(keys)
    await connections.save({ provider: 'openai', apiKey: KEY })
    await connections.save({ provider: 'anthropic', apiKey: 'sk-other' })
    const rows = await database.db.selectFrom('connection').selectAll().orderBy('slug').execute()
    expect(JSON.stringify(rows)).not.toContain('sk-')
    const [anthropic, openai] = rows
    if (!anthropic || !openai) throw new Error('two rows were saved')
    const place = { purpose: 'connection-headers', table: 'connection', field: 'headers' }
    expect(await open(keys, { ...place, row: openai.id }, openai.headers)).toContain(KEY)
    await expect(open(keys, { ...place, row: anthropic.id }, openai.headers)).rejects.toThrow('belongs to another row')
    await database.db
      .updateTable('connection')
      .set({ headers: openai.headers })
      .where('slug', '=', 'anthropic')
      .execute()
    const fresh = storeOf(keys)
    await expect(fresh.resolve('anthropic')).rejects.toMatchObject({ code: 'credential-unreadable' })
  })

  test('the health of a connection is noted, its last use only forward', async () => {
    const connections = storeOf(keys)
    const { id } = await connections.save({ provider: 'openai', slug: 'health', apiKey: KEY })
    await setHealth(database.db, id, { status: 'out-of-credit', reason: 'x'.repeat(1_000) })
    await recordUse(database.db, { id, at: new Date(9_000), reason: null })
    await recordUse(database.db, { id, at: new Date(1_000), status: 'active', reason: null })
    await setHealth(database.db, 'nobody', { status: 'active', reason: null })
    const found = (await connections.list()).find(({ slug }) => slug === 'health')
    expect(found).toMatchObject({ status: 'out-of-credit', lastUsedAt: new Date(9_000).toISOString() })
    expect(found?.statusReason?.length).toBe(500)
    await connections.remove('health')
  })

  test('another master key opens nothing', async () => {
    const connections = storeOf(keysOf(1))
    await expect(connections.resolve('openai')).rejects.toMatchObject({ code: 'credential-unreadable' })
  })
})
