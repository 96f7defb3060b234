import { dataFolder } from '@activepieces/test-support/server'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { acquireDiagnosticsLease } from '../src/diagnostics/lease.ts'
import { openDatabase } from '../src/platform/database/database.ts'

test('a connection is probed by one server at a time, and the lease of a killed server expires', async () => {
  const folder = await dataFolder()
  const { db, close } = await openDatabase({ dataDir: folder.path, databaseUrl: folder.databaseUrl })
  const takes = await Promise.all(Array.from({ length: 5 }, () => acquireDiagnosticsLease(db, 'one', 60_000)))
  const [giveBack, ...more] = takes.filter((take) => take !== undefined)
  expect(more).toEqual([])
  expect(await acquireDiagnosticsLease(db, 'other', 60_000)).toBeDefined()

  await giveBack?.()
  const killed = await acquireDiagnosticsLease(db, 'one', 60_000)
  expect(killed).toBeDefined()
  expect(await acquireDiagnosticsLease(db, 'one', 60_000)).toBeUndefined()
  await sql`update setting set value = '1 ' || split_part(value, ' ', 2) where name = 'doctor-visit:one'`.execute(db)
  expect(await acquireDiagnosticsLease(db, 'one', 60_000)).toBeDefined()
  await killed?.() // it was not dead, only late: what is another's by now stays
  expect(await acquireDiagnosticsLease(db, 'one', 60_000)).toBeUndefined()
  await close()
  await folder.remove()
})
