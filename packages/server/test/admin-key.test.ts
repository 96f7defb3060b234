import { dataFolder } from '@activepieces/test-support/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadAdminKey } from '../src/auth/admin-key.ts'
import { type Database, openDatabase } from '../src/platform/database/database.ts'
import { Secret } from '../src/platform/secrets/secret.ts'

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

test('a key that could not be shown is not in force, and the next start shows another', async () => {
  let lost = ''
  const first = await loadAdminKey(database.db, undefined)
  const failing = first.issue((key) => {
    lost = key.reveal()
    throw new Error('no output')
  })
  await expect(failing).rejects.toThrow('no output')

  const [second, simultaneous] = [
    await loadAdminKey(database.db, undefined),
    await loadAdminKey(database.db, undefined),
  ]
  const shown: string[] = []
  const show = (key: Secret<string>) => void shown.push(key.reveal())
  await Promise.all([second.issue(show), simultaneous.issue(show)])
  expect(shown).toEqual([expect.stringMatching(/^ap_admin_[\w-]{43}$/)])
  const [key = ''] = shown
  const later = await loadAdminKey(database.db, undefined)
  await later.issue(show)
  expect(shown).toHaveLength(1)
  for (const admin of [second, simultaneous, later]) {
    expect([admin.matches(key), admin.matches(lost), admin.matches('')]).toEqual([true, false, false])
  }
})

test('a configured key is in force immediately and is never shown', async () => {
  const admin = await loadAdminKey(database.db, new Secret('configured-key-0123'))
  await admin.issue(() => expect.unreachable())
  expect([admin.matches('configured-key-0123'), admin.matches('other')]).toEqual([true, false])
})
