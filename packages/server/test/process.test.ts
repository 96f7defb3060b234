import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { killProcesses, startProcess } from '@activepieces/test-support/process'
import { dataFolder, tempFolder } from '@activepieces/test-support/server'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { loadConfig } from '../src/index.ts'

// Each test starts several processes.
vi.setConfig({ testTimeout: 120_000 })

let folder: Awaited<ReturnType<typeof tempFolder>>

beforeAll(async () => {
  folder = await tempFolder()
})
afterEach(killProcesses)
afterAll(() => folder.remove())

const start = (env: Record<string, string> = {}) => startProcess({ AP_DATA_DIR: folder.path, ...env })

test('the first start makes the keys, the second process is refused, and a kill -9 costs nothing', async () => {
  const first = await start()
  expect(first.said.err).toBe('')
  const [, adminKey = ''] = first.said.out.match(/Admin key, shown this once: (\S+)/) ?? []
  expect((await stat(join(folder.path, 'encryption.key'))).mode & 0o777).toBe(0o600)

  const second = await start()
  expect(second.child.exitCode).toBe(1)
  expect(second.said.err).toContain(`Another process uses the data folder ${folder.path}`)

  const headers = { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ provider: 'openai', apiKey: 'sk-known-value-0123456789', saveAnyway: true })
  const saved = await fetch(`${first.url}/api/v1/ai-providers`, { method: 'POST', headers, body })
  expect(saved.status).toBe(200)
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')

  const third = await start()
  expect(third.said).toEqual({ out: expect.not.stringContaining('Admin key'), err: '' })
  const list = await fetch(`${third.url}/api/v1/ai-providers`, { headers })
  expect(await list.json()).toMatchObject({ data: [await saved.json()] })
  third.child.kill('SIGTERM')
  expect(await once(third.child, 'exit')).toEqual([0, null])

  for (const name of await readdir(folder.path, { recursive: true })) {
    const content = await readFile(join(folder.path, name), 'latin1').catch(() => '')
    expect(content.includes('sk-known-value') || content.includes(adminKey), name).toBe(false)
  }
})

test('a start that cannot listen ends and says what to set, and the next one shows the admin key', async () => {
  const fresh = await dataFolder()
  const blocker = createServer().listen(0, '127.0.0.1')
  await once(blocker, 'listening')
  // SAFETY: a TCP server that listens has an address with a port.
  const { port } = blocker.address() as AddressInfo
  const startFresh = (env: Record<string, string> = {}) => start({ AP_DATA_DIR: fresh.path, ...env })
  try {
    const taken = await startFresh({ PORT: String(port) })
    expect(taken.said).toEqual({ out: '', err: `Port ${port} is in use. Try PORT=${port + 1} npm start.\n` })
    const elsewhere = await startFresh({ HOST: '203.0.113.9' })
    expect(elsewhere.said).toEqual({
      out: '',
      err: 'HOST=203.0.113.9 is not an address of this machine. Try HOST=127.0.0.1 npm start.\n',
    })
    expect([taken.child.exitCode, elsewhere.child.exitCode]).toEqual([1, 1])
    const next = await startFresh()
    const adminKey = next.said.out.match(/Admin key, shown this once: (\S+)/)?.[1] ?? ''
    const headers = { authorization: `Bearer ${adminKey}` }
    expect((await fetch(`${next.url}/api/v1/projects`, { headers })).status).toBe(200)
  } finally {
    await killProcesses()
    blocker.close()
    await fresh.remove()
  }
})

test('a wrong variable ends the start and is named, a secret one without its value', async () => {
  const { child, said } = await start({ PORT: 'http', AP_ENCRYPTION_KEY: 'too-short-secret' })
  expect(child.exitCode).toBe(1)
  expect(said.err).toContain('Invalid environment variable PORT: expected a whole number from 0 to 65535, got "http".')
  expect(said.err).toContain(
    'AP_ENCRYPTION_KEY: expected 32 bytes as 64 hex digits or as base64, got an invalid value.',
  )
  expect(said.err).not.toContain('too-short-secret')
})

test('an empty environment has defaults; an empty variable counts as none', () => {
  const config = loadConfig({
    PORT: '',
    AP_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    PUBLIC_URL: 'https://x/',
  })
  expect(config).toMatchObject({ host: '127.0.0.1', port: 3000, publicUrl: 'https://x', logLevel: 'info' })
  expect(config.encryptionKey?.reveal().equals(Buffer.alloc(32, 7))).toBe(true)
})
