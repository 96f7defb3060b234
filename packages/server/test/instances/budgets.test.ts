import { killProcesses, startProcess } from '@activepieces/test-support/process'
import { ADMIN_KEY, dataFolder } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let upstream: Upstream
let folder: Awaited<ReturnType<typeof dataFolder>>
let urls: string[]

/** Of gpt-4o: a cent. */
const REPLY = { model: 'gpt-4o', usage: { prompt_tokens: 0, completion_tokens: 1000, total_tokens: 1000 } }

beforeAll(async () => {
  upstream = await startUpstream()
  upstream.answer((_request, response) => json(response, 200, REPLY))
  folder = await dataFolder()
  const env = {
    DATABASE_URL: folder.databaseUrl ?? '',
    AP_DATA_DIR: folder.path,
    AP_ENCRYPTION_KEY: '11'.repeat(32),
    AP_ADMIN_KEY: ADMIN_KEY,
    AP_ALLOWED_ORIGINS: upstream.url,
  }
  urls = (await Promise.all([1, 2, 3].map(() => startProcess(env)))).map(({ url }) => url)
  await admin('POST', '/ai-providers', { provider: 'openai', baseUrl: upstream.url, apiKey: 'k', saveAnyway: true })
})

afterAll(async () => {
  await killProcesses()
  await upstream.close()
  await folder.remove()
})

async function admin(method: string, path: string, body?: object) {
  const response = await fetch(`${urls[0]}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : null,
  })
  // SAFETY: what the routes give, which tests of their own hold against their schemas.
  return (await response.json()) as { token: string; total: { costUsd: number } }
}

/** Calls through all instances at once, until each has been refused some times. */
async function load(token: string) {
  const statuses: number[] = []
  await Promise.all(
    urls.flatMap((url) =>
      Array.from({ length: 8 }, async () => {
        for (let refused = 0; refused < 3; ) {
          const reply = await fetch(`${url}/api/v1/ai-providers/proxy/openai/v1/chat/completions`, {
            method: 'POST',
            headers: { authorization: `Bearer ${token}` },
            body: JSON.stringify({ model: 'gpt-4o', max_tokens: 1000 }),
          })
          await reply.arrayBuffer()
          statuses.push(reply.status)
          if (reply.status !== 200) refused++
        }
      }),
    ),
  )
  return { paid: statuses.filter((status) => status === 200).length, others: new Set(statuses) }
}

test('a budget holds over three instances under load: calls that cost what was estimated go over it by nothing', async () => {
  await admin('POST', '/projects', { id: 'shop', name: 'Shop', monthlyBudgetUsd: 3 })
  const { token } = await admin('POST', '/engine-tokens', { projectId: 'shop' })
  const { paid, others } = await load(token)
  expect([...others].sort()).toEqual([200, 402])
  // What an instance has in hand when another asks is not lost, but may not be spent.
  expect(paid).toBeLessThanOrEqual(300)
  expect(paid).toBeGreaterThan(200)
  await expect
    .poll(async () => (await admin('GET', '/usage/summary?projectId=shop')).total.costUsd, { timeout: 5_000 })
    .toBeCloseTo(paid * 0.01, 6)
})

test('answers that cost twice their estimate go over it by the calls that ran', async () => {
  const double = { ...REPLY, usage: { ...REPLY.usage, completion_tokens: 2000 } }
  upstream.answer((_request, response) => json(response, 200, double))
  await admin('POST', '/projects', { id: 'dear', name: 'Dear', monthlyBudgetUsd: 3 })
  const { token } = await admin('POST', '/engine-tokens', { projectId: 'dear' })
  const { paid } = await load(token)
  // 24 at once, each a cent more than estimated.
  expect(paid * 0.02).toBeLessThanOrEqual(3 + 24 * 0.02)
})

test('calls 200 times dearer than estimated exceed a budget only by those that run when the first cost is known', async () => {
  const dear = { ...REPLY, usage: { ...REPLY.usage, completion_tokens: 20_000 } }
  upstream.answer((_request, response) => void setTimeout(() => json(response, 200, dear), 30))
  await admin('POST', '/projects', { id: 'costly', name: 'Costly', monthlyBudgetUsd: 0.5 })
  const { token } = await admin('POST', '/engine-tokens', { projectId: 'costly' })
  const ask = async (at: number) => {
    const reply = await fetch(`${urls[at % urls.length]}/api/v1/ai-providers/proxy/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'gpt-4o', max_tokens: 100 }),
    })
    await reply.arrayBuffer()
    return reply.status
  }
  const wave = () => Promise.all(Array.from({ length: 30 }, (_, at) => ask(at)))
  // A wave of 30 at once is already more than the budget: each costs 20 cents.
  const waves = [await wave(), await wave(), await wave(), await wave()]
  const served = waves.map((statuses) => statuses.filter((status) => status === 200).length)
  expect(served[0]).toBeGreaterThan(0)
  expect(served.slice(1)).toEqual([0, 0, 0])
  expect(upstream.requests).toHaveLength(served[0] ?? 0)
  await expect
    .poll(async () => (await admin('GET', '/usage/summary?projectId=costly')).total.costUsd, { timeout: 10_000 })
    .toBeCloseTo((served[0] ?? 0) * 0.2, 6)
  expect(await wave()).not.toContain(200)
  // One that only a single instance has seen stops the others too.
  await admin('POST', '/projects', { id: 'small', name: 'Small', monthlyBudgetUsd: 0.1 })
  const small = await admin('POST', '/engine-tokens', { projectId: 'small' })
  const one = async (at: number, content: number) => {
    upstream.answer((_request, response) => {
      json(response, 200, { ...REPLY, usage: { ...REPLY.usage, completion_tokens: content } })
    })
    const reply = await fetch(`${urls[at]}/api/v1/ai-providers/proxy/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${small.token}` },
      body: JSON.stringify({ model: 'gpt-4o', max_tokens: 100 }),
    })
    await reply.arrayBuffer()
    return reply.status
  }
  // All three have some of the budget in hand.
  expect([await one(0, 10), await one(1, 10), await one(2, 10)]).toEqual([200, 200, 200])
  expect(await one(0, 20_000)).toBe(200)
  await expect.poll(() => one(1, 10)).toBe(402)
  await expect.poll(() => one(2, 10)).toBe(402)
  await expect.poll(() => one(0, 10)).toBe(402)
})

test('requests a minute hold over three instances', async () => {
  await admin('POST', '/projects', { id: 'slow', name: 'Slow', requestsPerMinute: 90 })
  const { token } = await admin('POST', '/engine-tokens', { projectId: 'slow' })
  const wait = 60_000 - (Date.now() % 60_000)
  if (wait < 10_000) await new Promise((resolve) => setTimeout(resolve, wait))
  const { paid, others } = await load(token)
  expect([...others].sort()).toEqual([200, 429])
  expect(paid).toBe(90)
})
