import { createDatabase, run } from '@activepieces/test-support/postgres'
import { killProcesses, startProcess } from '@activepieces/test-support/process'
import { tempFolder } from '@activepieces/test-support/server'
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { MIGRATIONS } from '../../src/platform/database/migrations/index.ts'

const KEY = '11'.repeat(32)

// Each test starts several processes.
vi.setConfig({ testTimeout: 120_000 })

let database: Awaited<ReturnType<typeof createDatabase>>
let folder: Awaited<ReturnType<typeof tempFolder>>

beforeEach(async () => {
  const template = inject('template')
  if (!('postgres' in template)) throw new Error('These tests are for PostgreSQL.')
  database = await createDatabase(template.postgres)
  folder = await tempFolder()
})

afterEach(async () => {
  await killProcesses()
  await database.remove()
  await folder.remove()
})

const start = (env: Record<string, string> = {}) =>
  startProcess({ DATABASE_URL: database.url, AP_DATA_DIR: folder.path, ...env })

test('three that start at once on an empty database: each migration runs once, one admin key is made', async () => {
  const started = await Promise.all([1, 2, 3].map(() => start({ AP_ENCRYPTION_KEY: KEY })))
  expect(started.map(({ said }) => said.err)).toEqual(['', '', ''])
  const adminKeys = started.flatMap(({ said }) => said.out.match(/Admin key, shown this once: (\S+)/)?.[1] ?? [])
  expect(adminKeys.length).toBe(1)
  for (const { url } of started) {
    const headers = { authorization: `Bearer ${adminKeys[0]}` }
    expect((await fetch(`${url}/api/v1/projects`, { headers })).status).toBe(200)
  }
  const { rows } = await run(database.url, 'select name from kysely_migration order by name')
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(MIGRATIONS).sort())
})

test('one with another encryption key does not start, and says what to give', async () => {
  const first = await start({ AP_ENCRYPTION_KEY: KEY })
  expect(first.url).not.toBe('')
  for (const env of [{ AP_ENCRYPTION_KEY: '22'.repeat(32) }, {}]) {
    const { child, said } = await start(env)
    expect(child.exitCode).toBe(1)
    expect(said.err).toMatch(/^The credentials of this database are encrypted with the key \w{16}, and this server has/)
    expect(said.err).toContain('All servers of a database need the same AP_ENCRYPTION_KEY')
    expect(said.err).not.toMatch(/1111|2222/)
  }
  const both = await start({ AP_ENCRYPTION_KEY: '22'.repeat(32), AP_ENCRYPTION_KEYS_OLD: KEY })
  expect([both.said.err, both.url === '']).toEqual(['', false])
})

test('a role that owns the database and is not a superuser is enough', async () => {
  const url = new URL(database.url)
  const role = `role_of_${url.pathname.slice(1)}`
  await run(database.url, `create role ${role} login password 'known-password'`)
  await run(database.url, `alter database ${url.pathname.slice(1)} owner to ${role}`)
  const DATABASE_URL = Object.assign(url, { username: role, password: 'known-password' }).href
  const { said } = await start({ DATABASE_URL, AP_ENCRYPTION_KEY: KEY })
  expect([said.err, said.out]).toEqual(['', expect.stringContaining('Admin key')])
})

test('one whose database cannot be reached ends with an error that holds no password', async () => {
  const { child, said } = await start({ DATABASE_URL: 'postgres://user:known-password@127.0.0.1:1/none' })
  expect(child.exitCode).toBe(1)
  expect(said.err).toContain('database')
  expect(said.err + said.out).not.toContain('known-password')
})
