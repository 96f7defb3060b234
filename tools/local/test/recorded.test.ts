import { type Exchange, loadExchanges, replayAll, startReplayServer } from '@activepieces/provider-conformance'
import { createServer, type ProviderServer } from '@activepieces/server'
import { dataFolder } from '@activepieces/test-support/server'
import { afterAll, beforeAll, expect, it } from 'vitest'

const APIS = [
  { vendor: 'anthropic', api: 'messages' },
  { vendor: 'openai', api: 'chat.completions' },
]
const SLOTS = 8

let folder: Awaited<ReturnType<typeof dataFolder>>
let server: ProviderServer
let apiUrl: string
let token: string
let vendor: Awaited<ReturnType<typeof startReplayServer>>
beforeAll(async () => {
  folder = await dataFolder()
  vendor = await startReplayServer()
  const { origin } = new URL(vendor.urlOf('any'))
  server = await createServer({ dataDir: folder.path, port: 0, logLevel: 'silent', allowedOrigins: [origin] })
  apiUrl = `${await server.listen()}/api/`
  token = (await server.mintEngineToken({ expiresInSeconds: 3600 })).token
}, 60_000)
afterAll(async () => {
  await server.close()
  await vendor.close()
  await folder.remove()
})

it.each(APIS)(
  'replays $api of $vendor through library and proxy without changes',
  async (target) => {
    const exchanges = await loadExchanges(
      ({ vendor: by, api, method, provenance }) =>
        by === target.vendor && api === target.api && method === 'POST' && provenance !== 'fixture',
    )
    const targets = await Promise.all(
      Array.from({ length: SLOTS }, async (_, index) => {
        const slug = `${target.vendor}-${index}`
        await server.connections.save({
          provider: target.vendor,
          slug,
          apiKey: 'vendor-key',
          baseUrl: vendor.urlOf(slug),
        })
        return {
          provider: `${target.vendor}@${slug}`,
          server: { apiUrl, token },
          put: (exchange: Exchange, chunks: 'whole' | { bytes: number }) => vendor.put(slug, exchange, chunks),
        }
      }),
    )
    const replays = await replayAll(exchanges, ['whole', { bytes: 333 }], targets)
    expect(exchanges.length).toBeGreaterThan(0)
    expect(replays).toHaveLength(exchanges.length * 2)
    const problems = replays.filter((replay) => replay.problem !== undefined)
    expect(problems.map(({ exchange, cut, problem }) => `${exchange.id} ${JSON.stringify(cut)}: ${problem}`)).toEqual(
      [],
    )
  },
  300_000,
)
