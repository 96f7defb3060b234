import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AiProviders } from '@activepieces/pieces-common'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runLive } from '../src/live.ts'
import { emulatorTarget } from '../src/targets/targets.ts'

const entry = AiProviders.find(({ value }) => value === 'groq') ?? AiProviders[0]

let vendor: Awaited<ReturnType<typeof emulatorTarget.open>>
let folder: string
beforeAll(async () => {
  vendor = await emulatorTarget.open(entry)
  folder = await mkdtemp(join(tmpdir(), 'live-'))
})
afterAll(async () => {
  await vendor.close()
  await rm(folder, { recursive: true })
})

it('runLive calls the vendor only with the key from the environment and writes a dated record', async () => {
  const env = { GROQ_API_KEY: 'the-key', GROQ_BASE_URL: vendor.url }
  const before = Date.now()
  const record = await runLive(entry, {}, { env, folder })
  expect(record?.results.filter(({ outcome }) => outcome === 'failed')).toEqual([])
  expect(record?.results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(4)
  expect(Date.parse(record?.date ?? '')).toBeGreaterThanOrEqual(before)
  expect(JSON.parse(await readFile(join(folder, 'groq.json'), 'utf8'))).toEqual(record)
  expect(vendor.requests.length).toBeGreaterThan(4)
  expect(new Set(vendor.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer the-key']))
})

it('runLive makes no calls without a key', async () => {
  const before = vendor.requests.length
  expect(await runLive(entry, {}, { env: { GROQ_BASE_URL: vendor.url }, folder })).toBeUndefined()
  expect(vendor.requests.length).toBe(before)
})
