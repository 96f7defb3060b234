import { once } from 'node:events'
import { killProcesses, startProcess } from '@activepieces/test-support/process'
import { ADMIN_KEY, dataFolder } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

// Three processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const WITHIN = { timeout: 1_000, interval: 20 }

let upstream: Upstream
let folder: Awaited<ReturnType<typeof dataFolder>>
let instances: Awaited<ReturnType<typeof startProcess>>[]
let token: string

beforeAll(async () => {
  upstream = await startUpstream()
  folder = await dataFolder()
  instances = await Promise.all(
    [1, 2, 3].map(() =>
      startProcess({
        DATABASE_URL: folder.databaseUrl ?? '',
        AP_DATA_DIR: folder.path,
        AP_ENCRYPTION_KEY: '11'.repeat(32),
        AP_ADMIN_KEY: ADMIN_KEY,
        AP_ALLOWED_ORIGINS: upstream.url,
      }),
    ),
  )
  expect(instances.map(({ said }) => said.err)).toEqual(['', '', ''])
  await save('first')
  token = (await admin(0, 'POST', '/engine-tokens', {})).token
})

afterAll(async () => {
  await killProcesses()
  await upstream.close()
  await folder.remove()
})

async function admin(at: number, method: string, path: string, body?: object) {
  const response = await fetch(`${instances[at]?.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    body: body ? JSON.stringify(body) : null,
  })
  const text = await response.text()
  expect([response.status < 300, text]).toEqual([true, text])
  return text === '' ? undefined : JSON.parse(text)
}

// The vendor of this test answers with keys alone, so a try of the credential says nothing.
const save = (apiKey: string, at = 0, slug = 'openai') =>
  admin(at, 'POST', '/ai-providers', { provider: 'openai', slug, apiKey, baseUrl: upstream.url, saveAnyway: true })

/** What a call through an instance comes to: the key that the vendor got, or the code of the error. */
async function call(url: string, slug = 'openai'): Promise<string> {
  const response = await fetch(`${url}/api/v1/ai-providers/proxy/${slug}/v1/models`, {
    headers: { authorization: `Bearer ${token}` },
  })
  // SAFETY: an error of the server, or what the vendor of this test answers.
  const body = (await response.json()) as { error?: { code: string }; key: string }
  return body.error?.code ?? body.key
}

const callAll = (slug?: string) => Promise.all(instances.map(({ url }) => call(url, slug)))
const all = (what: string) => [what, what, what]

beforeAll(() => {
  upstream.answer(({ headers }, response) => json(response, 200, { key: headers.authorization?.slice(7) }))
})

describe('a change through one instance is in force in all of them within a second', () => {
  test('a credential that is replaced, one that is deleted, and one that is made again', async () => {
    expect(await callAll()).toEqual(all('first'))
    await save('second', 1)
    await expect.poll(() => callAll(), WITHIN).toEqual(all('second'))
    await admin(2, 'DELETE', '/ai-providers/openai')
    await expect.poll(() => callAll(), WITHIN).toEqual(all('connection-not-found'))
    await save('third')
    await expect.poll(() => callAll(), WITHIN).toEqual(all('third'))
  })

  test('a drill, and its end', async () => {
    expect(await callAll()).toEqual(all('third'))
    await admin(0, 'POST', '/ai-providers/openai/drill', { fault: '429', seconds: 60 })
    await expect.poll(() => callAll(), WITHIN).not.toContain('third')
    await admin(1, 'DELETE', '/ai-providers/openai/drill')
    await expect.poll(() => callAll(), WITHIN).toEqual(all('third'))
  })

  test('an origin that is not allowed any more: its open connections are not used again', async () => {
    const local = await startUpstream()
    try {
      local.answer((_request, response) => json(response, 200, { key: 'local' }))
      await admin(0, 'POST', '/allowed-origins', { origin: local.url })
      await admin(0, 'POST', '/ai-providers', {
        provider: 'openai',
        slug: 'lan',
        apiKey: 'x',
        baseUrl: local.url,
        saveAnyway: true,
      })
      await expect.poll(() => callAll('lan'), WITHIN).toEqual(all('local'))
      await admin(1, 'DELETE', `/allowed-origins?origin=${encodeURIComponent(local.url)}`)
      await expect.poll(() => callAll('lan'), WITHIN).toEqual(all('address-refused'))
    } finally {
      await local.close()
    }
  })

  test('tokens that are revoked', async () => {
    expect(await callAll()).toEqual(all('third'))
    await admin(1, 'POST', '/projects/local/revoke-tokens')
    await expect.poll(() => callAll(), WITHIN).toEqual(all('engine-token-revoked'))
    token = (await admin(2, 'POST', '/engine-tokens', {})).token
    expect(await callAll()).toEqual(all('third'))
  })
})

test('kill -9 of one under load: the others go on, and every change that was acknowledged is there', async () => {
  const saved: string[] = []
  let going = true
  const writing = instances.map(async (_, at) => {
    for (let count = 0; going; count++) {
      const slug = `many-${at}-${count}`
      // What the killed one had not acknowledged does not count.
      if (await save('many', at, slug).catch(() => undefined)) saved.push(slug)
      else return
    }
  })
  const results: string[] = []
  const calling = instances.slice(1).map(async ({ url }) => {
    while (going) results.push(await call(url))
  })
  await expect.poll(() => results.length > 50 && saved.length > 20, { timeout: 20_000 }).toBe(true)
  const [victim, ...others] = instances
  const exit = victim && once(victim.child, 'exit')
  victim?.child.kill('SIGKILL')
  await exit
  const before = results.length
  await expect.poll(() => results.length, { timeout: 20_000 }).toBeGreaterThan(before + 50)
  going = false
  await Promise.all([...writing, ...calling])
  expect(new Set(results)).toEqual(new Set(['third']))
  instances = others
  const { data } = await admin(0, 'GET', '/ai-providers')
  const slugs = new Set(data.map(({ slug }: { slug: string }) => slug))
  expect(saved.filter((slug) => !slugs.has(slug))).toEqual([])
  await save('fourth')
  await expect.poll(() => callAll(), WITHIN).toEqual(['fourth', 'fourth'])
})
