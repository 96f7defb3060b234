import { once } from 'node:events'
import { killProcesses, startProcess } from '@activepieces/test-support/process'
import { ADMIN_KEY, dataFolder } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** What the server's page promises: calls that ended so long before a `kill -9` have their rows, in milliseconds. */
const PROMISED = 1_000

let upstream: Upstream
let folder: Awaited<ReturnType<typeof dataFolder>>

beforeAll(async () => {
  upstream = await startUpstream()
  upstream.answer((_request, response) => json(response, 200, { model: 'gpt-4o', usage: { prompt_tokens: 1 } }))
  folder = await dataFolder()
})

afterAll(async () => {
  await killProcesses()
  await upstream.close()
  await folder.remove()
})

const start = () =>
  startProcess({
    AP_DATA_DIR: folder.path,
    AP_ENCRYPTION_KEY: '11'.repeat(32),
    AP_ADMIN_KEY: ADMIN_KEY,
    AP_ALLOWED_ORIGINS: upstream.url,
    ...(folder.databaseUrl ? { DATABASE_URL: folder.databaseUrl } : {}),
  })

async function admin(url: string, method: string, path: string, body?: object) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : null,
  })
  // SAFETY: what the routes give, which tests of their own hold against their schemas.
  return (await response.json()) as { token: string; total: { calls: number } }
}

test('kill -9 under load costs the rows of the last second at most; a shutdown costs none', async () => {
  const first = await start()
  await admin(first.url, 'POST', '/ai-providers', {
    provider: 'openai',
    baseUrl: upstream.url,
    apiKey: 'k',
    saveAnyway: true,
  })
  const { token } = await admin(first.url, 'POST', '/engine-tokens', {})
  const ended: number[] = [] // when each was answered
  const callOn = async (url: string) => {
    const reply = await fetch(`${url}/api/v1/ai-providers/proxy/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: '{"model":"gpt-4o"}',
    })
    await reply.arrayBuffer()
    return reply
  }
  const load = Array.from({ length: 8 }, async () => {
    for (;;) {
      const reply = await callOn(first.url).catch(() => undefined)
      if (!reply) return
      ended.push(Date.now())
    }
  })
  await expect.poll(() => ended.length, { timeout: 60_000 }).toBeGreaterThan(500)
  const exit = once(first.child, 'exit')
  const killed = Date.now()
  first.child.kill('SIGKILL')
  await exit
  await Promise.all(load)

  const second = await start()
  const callsOf = async () => (await admin(second.url, 'GET', '/usage/summary')).total.calls
  const safe = ended.filter((at) => at < killed - PROMISED).length
  const stored: number = await callsOf()
  console.log(`${ended.length} calls were answered, ${ended.length - stored} of them have no row`)
  expect(stored).toBeGreaterThanOrEqual(safe)

  await Promise.all(Array.from({ length: 20 }, () => callOn(second.url)))
  const ended2 = once(second.child, 'exit')
  second.child.kill('SIGTERM')
  await ended2
  const third = await start()
  expect((await admin(third.url, 'GET', '/usage/summary')).total.calls).toBe(stored + 20)
  expect(ended.length).toBeGreaterThan(500)
})
