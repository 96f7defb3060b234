import { setImmediate } from 'node:timers/promises'
import { run } from '@activepieces/test-support/postgres'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/platform/database/database.ts'

let upstream: Upstream
let earlier: TestServer
let server: TestServer
let tokens: { known: string; limited: string }

beforeAll(async () => {
  upstream = await startUpstream()
  upstream.answer((_request, response) => json(response, 200, { model: 'gpt-4o' }))
  const options = { pieces: {}, encryptionKey: Buffer.alloc(32, 1) }
  // Changes empty the caches of a server. Those of an earlier one do not.
  earlier = await startServer(options)
  for (const slug of ['openai', 'other'])
    await earlier.connections.save({ provider: 'openai', slug, baseUrl: upstream.url, apiKey: 'sk-0123456789' })
  await earlier.projects.create({ id: 'limited', name: 'Limited', monthlyBudgetUsd: 1, requestsPerMinute: 60 })
  await earlier.close()
  server = await startServer({ ...options, databaseUrl: earlier.databaseUrl })
  tokens = { known: await server.token(), limited: await server.token('limited') }
})

afterAll(async () => {
  await server.stop()
  await earlier.stop()
  await upstream.close()
})

const chat = (slug: string, key: string) =>
  server.call('POST', `/api/v1/ai-providers/proxy/${slug}/v1/chat/completions`, { key, body: { model: 'gpt-4o' } })

/** Forbids connections to the server's database, and ends those that are open. */
async function takeDatabaseAway() {
  const url = new URL(earlier.databaseUrl ?? '')
  const name = url.pathname.slice(1)
  const elsewhere = Object.assign(url, { pathname: '/postgres' }).href
  await run(elsewhere, `alter database ${name} allow_connections false`)
  await run(elsewhere, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`)
  return () => run(elsewhere, `alter database ${name} allow_connections true`)
}

test('without its database, calls that need nothing new go on, and all others are 503 with Retry-After', async () => {
  expect((await chat('openai', tokens.known)).status).toBe(200)
  await server.call('GET', '/api/v1/ai-providers', { key: tokens.limited })
  const giveDatabaseBack = await takeDatabaseAway()
  const during = await Promise.all(Array.from({ length: 20 }, () => chat('openai', tokens.known)))
  expect(new Set(during.map(({ status }) => status))).toEqual(new Set([200]))
  const refused = await Promise.all([
    chat('other', tokens.known),
    chat('openai', tokens.limited),
    server.call('GET', '/api/v1/projects', { key: ADMIN_KEY }),
    server.call('GET', '/api/v1/ai-providers', { key: ADMIN_KEY }),
    server.call('GET', '/api/v1/usage', { key: ADMIN_KEY }),
    server.call('GET', '/api/v1/audit', { key: ADMIN_KEY }),
    server.call('POST', '/api/v1/engine-tokens', { key: ADMIN_KEY, body: {} }),
    server.call('POST', '/api/v1/engine-tokens', { key: `ap_project_${'x'.repeat(43)}`, body: {} }),
    server.call('POST', '/api/v1/projects', { key: ADMIN_KEY, body: { name: 'x' } }),
    server.call('POST', '/api/v1/session', { body: { adminKey: ADMIN_KEY } }),
    server.call('POST', '/api/v1/store-entries', { key: tokens.known, body: { key: 'a', value: 1 } }),
    server.call('GET', '/ready'),
  ])
  for (const { status, headers, json } of refused) {
    expect([status, json.error.code, Number(headers.get('retry-after'))]).toEqual([
      503,
      'not-ready',
      expect.any(Number),
    ])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect((await server.call('GET', '/health')).status).toBe(200)
  await giveDatabaseBack()
  await expect.poll(async () => (await server.call('GET', '/ready')).status, { timeout: 20_000 }).toBe(200)
  expect((await chat('other', tokens.known)).status).toBe(200)
  // No row of the outage is lost.
  const rows = async () => (await server.call('GET', '/api/v1/usage?limit=100', { key: ADMIN_KEY })).json.data.length
  await expect.poll(rows, { timeout: 20_000 }).toBeGreaterThanOrEqual(22)
})

test('a connection that breaks between the queries of a transaction fails that transaction only', async () => {
  const { db, close } = await openDatabase({ dataDir: '', databaseUrl: earlier.databaseUrl })
  try {
    const transaction = db.transaction().execute(async (trx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx)
      await run(earlier.databaseUrl ?? '', `select pg_terminate_backend(${rows[0]?.pid}, 5000)`)
      await setImmediate()
      await sql`select 1`.execute(trx)
    })
    await expect(transaction).rejects.toMatchObject({ code: 'not-ready' })
    expect((await sql`select 1 as one`.execute(db)).rows).toEqual([{ one: 1 }])
  } finally {
    await close()
  }
})
