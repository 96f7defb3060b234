import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AiProviders } from '@activepieces/pieces-common'
import { COMPILE_CACHE, DATABASE_FLAGS } from '@activepieces/test-support/node-settings'
import { dataFolder } from '@activepieces/test-support/server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Connections, createConnections } from '../src/domain/connections/connections.ts'
import { createAllowedOrigins } from '../src/domain/outbound/allowed-origins.ts'
import { createGuard } from '../src/domain/outbound/guard.ts'
import { loadConfig } from '../src/index.ts'
import { openDatabase } from '../src/platform/database/database.ts'
import { loadDatabaseKeys } from '../src/platform/secrets/database-key.ts'
import { sealedWith } from '../src/platform/secrets/sealed.ts'
import { Secret } from '../src/platform/secrets/secret.ts'

const MAIN = fileURLToPath(new URL('../src/rotate-keys.ts', import.meta.url))
const OLD = 'aa'.repeat(32)
const NEW = 'bb'.repeat(32)

// Each test starts several processes with a database.
vi.setConfig({ testTimeout: 120_000 })

let folder: Awaited<ReturnType<typeof dataFolder>>
const started = new Set<ChildProcess>()

beforeEach(async () => {
  folder = await dataFolder()
})
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL')
  await folder.remove()
})

function startRotation(env: Record<string, string> = {}, options: string[] = []) {
  const child = spawn(process.execPath, [...DATABASE_FLAGS, MAIN, ...options], {
    env: { ...COMPILE_CACHE, AP_DATA_DIR: folder.path, ...env },
  })
  started.add(child)
  const said = { out: '', err: '' }
  child.stdout.on('data', (words) => (said.out += words))
  child.stderr.on('data', (words) => (said.err += words))
  return { child, said, exit: once(child, 'exit').then(([code]) => code) }
}

/** The connections of the data folder, as a server with this key opens them. */
async function withConnections<T>(use: (connections: Connections) => Promise<T>, key?: string) {
  const { db, close } = await openDatabase({ dataDir: folder.path })
  try {
    const encryptionKey = key === undefined ? undefined : new Secret(Buffer.from(key, 'hex'))
    const keys = await loadDatabaseKeys(db, { ...loadConfig({}), dataDir: folder.path, encryptionKey })
    return await use(createConnections(db, keys, AiProviders, createGuard(createAllowedOrigins(db, []))))
  } finally {
    await close()
  }
}

const saveMany = (count: number, key?: string) =>
  withConnections(async (connections) => {
    for (let at = 0; at < count; at++) {
      await connections.save({ provider: 'openai', slug: `c-${at}`, apiKey: `sk-${at}` })
    }
  }, key)

const readMany = (count: number, key?: string) =>
  withConnections(async (connections) => {
    for (let at = 0; at < count; at++) {
      const target = await connections.resolve(`c-${at}`)
      expect(target?.headers.reveal()).toEqual(['Authorization', `Bearer sk-${at}`])
    }
    return connections.list()
  }, key)

async function kids(): Promise<Set<string | undefined>> {
  const { db, close } = await openDatabase({ dataDir: folder.path })
  const rows = await db.selectFrom('connection').select('headers').execute()
  await close()
  return new Set(rows.map(({ headers }) => sealedWith(headers)))
}

const fileLines = async () => (await readFile(join(folder.path, 'encryption.key'), 'utf8')).trim().split('\n')

test('a key file gets a new key; the one before stays for backups, the one before that goes', async () => {
  await saveMany(3)
  const [first] = await fileLines()
  const before = await readMany(3)
  const { said, exit } = startRotation()
  expect(await exit).toBe(0)
  expect(said).toEqual({
    out: expect.stringMatching(/^3 of 3 credentials are now encrypted with the key \w{16}\.\n$/),
    err: '',
  })
  expect((await fileLines()).slice(1)).toEqual([first])
  const after = await readMany(3)
  expect(after.map(({ fingerprint }) => fingerprint)).not.toEqual(before.map(({ fingerprint }) => fingerprint))
  expect(await startRotation().exit).toBe(0)
  expect(await fileLines()).toHaveLength(2)
  expect(await fileLines()).not.toContain(first)
  await readMany(3)
})

test('kill -9 in the middle leaves every credential readable, and a second run ends what was begun', async () => {
  const count = 100
  await saveMany(count)
  const { child, exit, said } = startRotation()
  const begun = new Promise<void>((resolve) => child.stdout.once('data', () => resolve()))
  await Promise.race([begun, exit])
  child.kill('SIGKILL')
  await exit
  expect(said.out).not.toContain('are now encrypted')
  expect((await kids()).size).toBe(2)
  await readMany(count)
  expect(await startRotation().exit).toBe(0)
  expect((await kids()).size).toBe(1)
  await readMany(count)
})

test('keys of the environment: the old one opens, the new one closes, and then the old one is not needed', async () => {
  await saveMany(3, OLD)
  const alone = startRotation({ AP_ENCRYPTION_KEY: NEW })
  expect(await alone.exit).toBe(1)
  expect(alone.said.err).toBe(
    'No key can decrypt the credentials of: c-0, c-1, c-2. Restore the key from your backup, or add it to ' +
      'AP_ENCRYPTION_KEYS_OLD. If it is lost, run this with --key-lost.\n',
  )
  const both = startRotation({ AP_ENCRYPTION_KEY: NEW, AP_ENCRYPTION_KEYS_OLD: ` ${OLD}, ` })
  expect([await both.exit, both.said.err]).toEqual([0, ''])
  await readMany(3, NEW)
  const again = startRotation({ AP_ENCRYPTION_KEY: NEW })
  expect(await again.exit).toBe(0)
  expect(again.said.out).toContain('0 of 0')
})

test('a lost key: the database takes a new one, and the credentials are entered again', async () => {
  await saveMany(2)
  await rm(join(folder.path, 'encryption.key'))
  const refused = startRotation()
  expect(await refused.exit).toBe(1)
  expect(refused.said.err).toMatch(/encryption\.key is missing\. Restore the key from your backup/)
  const lost = startRotation({}, ['--key-lost'])
  expect(await lost.exit).toBe(0)
  expect(lost.said.err).toBe(
    'No key can decrypt the credentials of: c-0, c-1. Enter their API keys again in the console.\n',
  )
  await saveMany(2)
  await readMany(2)
})

test('a server that runs on the folder must be stopped first', async () => {
  await withConnections(async () => {
    const { exit, said } = startRotation()
    expect(await exit).toBe(1)
    expect(said.err).toContain('Another process uses the data folder')
  })
})

test('with PostgreSQL a key of the file cannot be rotated behind the servers', async () => {
  const { exit, said } = startRotation({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  expect(await exit).toBe(1)
  expect(said.err).toContain('set AP_ENCRYPTION_KEY to a new key')
})
