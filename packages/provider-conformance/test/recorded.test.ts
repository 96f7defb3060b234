import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Cut,
  type Exchange,
  isOneReply,
  loadExchanges,
  REPLAYED,
  recordingsFolder,
  replayAll,
  startReplayServer,
} from '../src/index.ts'

/** Odd sizes, so that lines, escapes and characters are cut everywhere. */
const CUTS: Cut[] = ['whole', { bytes: 7 }, { bytes: 1021 }]

const all = await loadExchanges((exchange) => exchange.method === 'POST')
if (!recordingsFolder())
  console.log('No recorded exchanges on this machine (RECORDED_EXCHANGES names their folder): 0 replayed.')

let vendor: Awaited<ReturnType<typeof startReplayServer>>
beforeAll(async () => {
  vendor = await startReplayServer()
})
afterAll(() => vendor.close())

describe.each(REPLAYED)('recorded $api of $vendor', (wire) => {
  const exchanges = all.filter(
    (exchange) => exchange.vendor === wire.vendor && exchange.api === wire.api && isOneReply(exchange),
  )
  it(`come through as recorded, whole and cut: ${exchanges.length} exchanges`, { timeout: 300_000 }, async () => {
    const targets = Array.from({ length: 8 }, (_, index) => ({
      provider: wire.provider,
      server: { apiUrl: vendor.urlOf(`${wire.vendor}-${index}`), token: 'engine-token' },
      put: (exchange: Exchange, cut: Cut) => vendor.put(`${wire.vendor}-${index}`, exchange, cut),
    }))
    const replays = await replayAll(exchanges, CUTS, targets)
    expect(replays).toHaveLength(exchanges.length * CUTS.length)
    const problems = replays.filter((replay) => replay.problem !== undefined)
    expect(problems.map(({ exchange, cut, problem }) => `${exchange.id} ${JSON.stringify(cut)}: ${problem}`)).toEqual(
      [],
    )
  })
})
