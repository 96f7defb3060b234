import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dataFolder, tempFolder } from '@activepieces/test-support/server'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createServer } from '../src/index.ts'
import { type Database, openDatabase } from '../src/platform/database/database.ts'
import { lockFolder } from '../src/platform/database/folder-lock.ts'
import { loadDatabaseKeys } from '../src/platform/secrets/database-key.ts'

let folder: Awaited<ReturnType<typeof dataFolder>>
let copy: Awaited<ReturnType<typeof tempFolder>>
let database: Database | undefined

/** A data folder with one credential, as a server left it, and a copy of it. */
beforeAll(async () => {
  folder = await dataFolder()
  copy = await tempFolder()
  const server = await start(folder.path)
  await server.connections.save({ provider: 'openai', apiKey: 'sk-0123456789' })
  await server.close()
  await cp(folder.path, copy.path, { recursive: true })
})
afterEach(async () => {
  await database?.close()
  database = undefined
})
afterAll(async () => {
  await folder.remove()
  await copy.remove()
})

const start = (dataDir: string) => createServer({ dataDir, pieces: {}, logLevel: 'silent' })
const keyFile = () => join(folder.path, 'encryption.key')

test('a copy of the stopped data folder is a backup', async () => {
  const server = await start(copy.path)
  const target = await server.connections.resolve('openai')
  await server.close()
  expect(target?.headers.reveal()).toEqual(['Authorization', 'Bearer sk-0123456789'])
})

test('a server without the key of the credentials does not start, and leaves the key file as it is', async () => {
  const key = await readFile(keyFile(), 'utf8')
  await rm(keyFile())
  await expect(start(folder.path)).rejects.toThrow(
    /encrypted with the key \w{16}, and this server has no key: .* is missing/,
  )
  await expect(readFile(keyFile())).rejects.toThrow('ENOENT')

  database = await openDatabase({ dataDir: folder.path })
  const { db } = database
  const load = async (text: string) => {
    await writeFile(keyFile(), text)
    return loadDatabaseKeys(db, { dataDir: folder.path, oldEncryptionKeys: [] })
  }
  const other = `${'ab'.repeat(32)}\n`
  await expect(load(other)).rejects.toThrow(/encrypted with the key \w{16}, and this server has \w{16}\. Restore/)
  for (const damaged of ['', '\n', key.slice(0, 32), `${key.trim()}xyz\n`, `zz${key.slice(2)}`, `${key}hello\n`]) {
    await expect(load(damaged)).rejects.toThrow(/expected keys of 32 bytes, one per line as 64 hex digits/)
    expect(await readFile(keyFile(), 'utf8')).toBe(damaged)
  }
  const forgetKey = () => db.deleteFrom('setting').where('name', '=', 'encryption-key-id').execute()
  await forgetKey() // as data of a version that did not record it
  await expect(load(other)).rejects.toThrow(/encrypted with the key/)
  await forgetKey()
  for (const text of [key, key.toUpperCase(), `${other}${key}`]) expect(await load(text)).toBeDefined()
})

test('is for one process, also when its lock file is deleted', async () => {
  const unlock = await lockFolder(copy.path)
  await expect(lockFolder(copy.path)).rejects.toThrow('Another process uses the data folder')
  if (process.platform === 'linux') {
    await rm(join(copy.path, 'lock.sqlite'))
    await expect(lockFolder(copy.path)).rejects.toThrow('Another process uses the data folder')
  }
  unlock()
  const unlockAgain = await lockFolder(copy.path)
  unlockAgain()
})

test('a folder that cannot be written to is named with the reason', async () => {
  const file = join(copy.path, 'file')
  await writeFile(file, '')
  await expect(lockFolder(join(file, 'data'))).rejects.toThrow(/^The data folder .*data is not writable: ENOTDIR/)
  await writeFile(join(copy.path, 'lock.sqlite'), 'something else of the same name'.repeat(40))
  await expect(lockFolder(copy.path)).rejects.toThrow(/is not writable: file is not a database/)
})
