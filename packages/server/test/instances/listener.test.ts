import { run } from '@activepieces/test-support/postgres'
import { dataFolder } from '@activepieces/test-support/server'
import { afterEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/platform/database/database.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

test('reconnects a lost connection for changes, and reports once that some may have been missed', async () => {
  const folder = await dataFolder()
  ends.push(folder.remove)
  const url = folder.databaseUrl ?? ''
  const database: Database = await openDatabase({ dataDir: '', databaseUrl: url })
  ends.push(database.close)
  const heard: (string | undefined)[] = []
  database.changes.on('project', (key) => heard.push(key))
  expect(database.changes.isConnected()).toBe(true)

  for (const round of [1, 2]) {
    heard.length = 0
    await run(
      url,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like '%changes'`,
    )
    await expect.poll(() => heard, { timeout: 2_000, interval: 5 }).toEqual([undefined])
    expect(database.changes.isConnected()).toBe(true)
    await run(url, `update project set name = 'round ${round}'`)
    await expect.poll(() => heard.length, { timeout: 1_000, interval: 5 }).toBe(2)
    expect(heard[1]).toBe('local')
  }
})
