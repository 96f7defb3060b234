import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDatabase, run } from '@activepieces/test-support/postgres'
import { tempFolder } from '@activepieces/test-support/server'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { createServer, type ProviderServer } from '../src/index.ts'
import { openDatabase } from '../src/platform/database/database.ts'
import { MIGRATIONS } from '../src/platform/database/migrations/index.ts'

const KEY = Buffer.alloc(32, 0x5a)
const ADMIN_KEY = 'admin-key-of-the-backup-0123456789'
const PROJECT_TOKEN = 'ap_project_yVAP-cQyoGu3QoeMHxFQu-PHlJuSPUTyibnlVwxEt-Q'

let folder: Awaited<ReturnType<typeof restoreBackup>>
let server: ProviderServer
let url: string

/** An empty database with the backup of an earlier version restored into it. */
async function restoreBackup() {
  const backup = await readFile(new URL('./fixtures/backup-0.1.0.sql', import.meta.url), 'utf8')
  const { path, remove } = await tempFolder()
  const template = inject('template')
  if ('postgres' in template) {
    const database = await createDatabase(template.postgres)
    await run(database.url, backup)
    return { dataDir: path, databaseUrl: database.url, remove: () => Promise.all([remove(), database.remove()]) }
  }
  const database = await PGlite.create(join(path, 'pglite'))
  await database.exec(backup)
  await database.close()
  return { dataDir: path, databaseUrl: undefined, remove }
}

const start = (encryptionKey: Buffer) => {
  const { dataDir, databaseUrl } = folder
  const options = { host: '127.0.0.1', port: 0, logLevel: 'silent', pieces: {} } as const
  return createServer({ ...options, dataDir, databaseUrl, encryptionKey, adminKey: ADMIN_KEY })
}

beforeAll(async () => {
  folder = await restoreBackup()
})

afterAll(async () => {
  await server?.close()
  await folder.remove()
})

async function call(method: string, path: string, { key = ADMIN_KEY, body }: { key?: string; body?: object } = {}) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
    body: body ? JSON.stringify(body) : null,
  })
  return { status: response.status, json: JSON.parse(await response.text()) }
}

test('a restored backup does not start with another encryption key', async () => {
  await expect(start(Buffer.alloc(32, 1))).rejects.toThrow(
    /^The credentials of this database are encrypted with the key/,
  )
})

test('a backup of an earlier version works after the upgrade, with its key', async () => {
  server = await start(KEY)
  url = await server.listen()
  const target = await server.connections.resolve('openai')
  expect(target?.headers.reveal()).toEqual(['X-Team', 'a', 'Authorization', 'Bearer sk-of-the-backup-0123456789'])
  const [connection] = (await call('GET', '/ai-providers')).json.data
  expect(connection).toMatchObject({ slug: 'openai', headerNames: ['X-Team', 'Authorization'], status: 'active' })
  expect(connection.doctor).toMatchObject({ verdicts: { text: 'yes' } })
  expect((await call('GET', '/allowed-origins')).json.data).toMatchObject([{ origin: 'http://ollama.lan:11434' }])
  const projects = (await call('GET', '/projects')).json.data
  expect(projects.find(({ id }: { id: string }) => id === 'shop')).toMatchObject({
    monthlyBudgetUsd: 50,
    requestsPerMinute: 600,
    tokensValidFrom: expect.any(String),
  })
  expect((await call('GET', '/usage')).json.data).toMatchObject([
    { projectId: 'shop', model: 'gpt-4o', outputTokens: 5 },
  ])
  expect(
    (await call('GET', '/usage/summary?projectId=shop&from=2026-11-01T00:00:00Z')).json.total.costUsd,
  ).toBeGreaterThan(0)
  expect((await call('GET', '/audit?limit=50')).json.data.length).toBeGreaterThan(5)
})

test('tokens of the backup are valid, and what is written goes on from it', async () => {
  const minted = await call('POST', '/engine-tokens', { key: PROJECT_TOKEN, body: {} })
  expect([minted.status, minted.json.projectId]).toEqual([201, 'shop'])
  expect((await call('GET', '/store-entries?key=seen', { key: minted.json.token })).json.value).toEqual({ count: 1 })
  const changed = await call('PATCH', '/projects/shop', { body: { name: 'Shop 2' } })
  expect([changed.status, changed.json.name]).toEqual([200, 'Shop 2'])
  await server.close()
  const { db, close } = await openDatabase(folder)
  const done = await db
    .withTables<{ kysely_migration: { name: string } }>()
    .selectFrom('kysely_migration')
    .select('name')
    .execute()
  await close()
  expect(done.map(({ name }) => name).sort()).toEqual(Object.keys(MIGRATIONS).sort())
})
