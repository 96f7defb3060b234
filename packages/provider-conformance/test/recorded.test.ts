import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cut, type Exchange, loadExchanges, providerOf, replayAll, startReplayServer } from '../src/index.ts'
import { MEDIA } from '../src/recordings/media.ts'

/** Sizes that split lines, escapes and characters at many positions. */
const CUTS: Cut[] = ['whole', { bytes: 7 }, { bytes: 1021 }]
/** Fewer cuts for recorded media, which are large. */
const MEDIA_CUTS: Cut[] = [{ bytes: 1021 }]

const groups = Map.groupBy(
  await loadExchanges((exchange) => providerOf(exchange) !== undefined),
  ({ vendor, api, provenance }) => `${provenance === 'written' ? 'hand-written' : 'recorded'} ${api} of ${vendor}`,
)

let vendor: Awaited<ReturnType<typeof startReplayServer>>
beforeAll(async () => {
  vendor = await startReplayServer()
})
afterAll(() => vendor.close())

describe.each([...groups])('%s', (name, exchanges) => {
  it(`are replayed correctly, whole and in chunks: ${exchanges.length} exchanges`, { timeout: 300_000 }, async () => {
    const [first] = exchanges
    const provider = first && providerOf(first)
    if (!provider) throw new Error('A group has at least one exchange that can be replayed.')
    const targets = Array.from({ length: 8 }, (_, index) => {
      const slot = `${encodeURIComponent(name)}-${index}`
      return {
        provider,
        server: { apiUrl: vendor.urlOf(slot), token: 'engine-token' },
        put: (exchange: Exchange, cut: Cut) => vendor.put(slot, exchange, cut),
        sent: () => vendor.lastOf(slot),
      }
    })
    const cuts = MEDIA[first.api] && first.provenance !== 'written' ? MEDIA_CUTS : CUTS
    const replays = await replayAll(exchanges, cuts, targets)
    expect(replays).toHaveLength(exchanges.length * cuts.length)
    const problems = replays.filter((replay) => replay.problem !== undefined)
    expect(problems.map(({ exchange, cut, problem }) => `${exchange.id} ${JSON.stringify(cut)}: ${problem}`)).toEqual(
      [],
    )
  })
})
