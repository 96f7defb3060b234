import type { UsageRow } from '@activepieces/contract'
import {
  chatProviderOf,
  type Exchange,
  loadExchanges,
  recordedReply,
  replayAll,
  startReplayServer,
} from '@activepieces/provider-conformance'
import { createServer } from '@activepieces/server'
import { dataFolder } from '@activepieces/test-support/server'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** Number of exchanges replayed in parallel, each on its own connection. */
const PARALLEL = 8
const ADMIN_KEY = 'admin-key-of-the-tests-0123456789'

const all = await loadExchanges((exchange) => chatProviderOf(exchange) !== undefined)
let vendor: Awaited<ReturnType<typeof startReplayServer>>
let server: Awaited<ReturnType<typeof createServer>>
let folder: Awaited<ReturnType<typeof dataFolder>>
let url: string

beforeAll(async () => {
  vendor = await startReplayServer()
  folder = await dataFolder()
  const allowedOrigins = [new URL(vendor.urlOf('')).origin]
  server = await createServer({
    dataDir: folder.path,
    port: 0,
    pieces: {},
    adminKey: ADMIN_KEY,
    allowedOrigins,
    logLevel: 'silent',
  })
  url = await server.listen()
})

afterAll(async () => {
  await server.close()
  await vendor.close()
  await folder.remove()
})

it('records the tokens or the failure of every response that passes the proxy', {
  timeout: 300_000,
}, async () => {
  const jobs = all.map((exchange) => ({ exchange, provider: chatProviderOf(exchange) ?? '' }))
  expect(jobs.length).toBeGreaterThan(0)
  const todo = [...jobs]
  await Promise.all(
    Array.from({ length: PARALLEL }, async (_, slot) => {
      for (let job = todo.shift(); job; job = todo.shift()) await replay(job.exchange, job.provider, slot)
    }),
  )
  await expect.poll(async () => (await rowsByRun()).size, { timeout: 20_000 }).toBe(new Set(jobs.map(runOf)).size)
  const rows = await rowsByRun()
  const problems = jobs.map(({ exchange }) => problemOf(exchange, rows.get(exchange.id)))
  expect(problems.filter((problem) => problem !== undefined)).toEqual([])
})

const saved = new Set<string>()

const runOf = ({ exchange }: { exchange: Exchange }) => exchange.id

/** Replays an exchange on the connection of this slot, which belongs to the recording's provider. */
async function replay(exchange: Exchange, provider: string, slot: number) {
  const slug = `${provider}-${slot}`
  if (!saved.has(slug)) await server.connections.save({ provider, slug, apiKey: 'k', baseUrl: vendor.urlOf(slug) })
  saved.add(slug)
  const { token } = await server.mintEngineToken({ runId: exchange.id })
  const target = {
    provider: `${provider}@${slug}`,
    server: { apiUrl: `${url}/api/`, token },
    put: (next: Exchange) => vendor.put(slug, next, slot % 2 === 0 ? 'whole' : { bytes: 1021 }),
  }
  await replayAll([exchange], ['whole'], [target])
}

/** Returns the last row of each run. */
async function rowsByRun(): Promise<Map<string, UsageRow>> {
  const rows: UsageRow[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await fetch(`${url}/api/v1/usage?limit=1000${cursor && `&cursor=${cursor}`}`, {
      headers: { authorization: `Bearer ${ADMIN_KEY}` },
    })
    // SAFETY: the server's own tests check the route against its schema.
    const { data, next } = (await page.json()) as { data: UsageRow[]; next: string | null }
    rows.push(...data)
    cursor = next
  }
  return new Map(rows.map((row) => [row.runId ?? '', row]))
}

function problemOf(exchange: Exchange, row: UsageRow | undefined): string | undefined {
  if (!row) return `${exchange.id}: no row`
  const expected = recordedReply(exchange)
  if ('fails' in expected) {
    return row.error === null ? `${exchange.id}: a failure without an error in its row` : undefined
  }
  const { uncachedTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = row
  const prompt = sum(uncachedTokens, cacheReadTokens, cacheWriteTokens)
  const completion = sum(outputTokens, reasoningTokens)
  if (row.estimated) {
    const isReported = expected.promptTokens !== undefined && expected.completionTokens !== undefined
    return isReported ? `${exchange.id}: estimated, although the response reports its usage` : undefined
  }
  const actual = `${prompt} + ${completion}`
  const wanted = `${expected.promptTokens} + ${expected.completionTokens}`
  return actual === wanted
    ? undefined
    : `${exchange.id} ${exchange.vendor} ${exchange.api}: ${actual} instead of ${wanted}`
}

/** Adds up token counts. Returns undefined if the first one is unknown. */
function sum(first: number | null, ...more: (number | null)[]): number | undefined {
  return first === null ? undefined : more.reduce<number>((total, part) => total + (part ?? 0), first)
}
