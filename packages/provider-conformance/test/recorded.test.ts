import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Cut,
  type Exchange,
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

/**
 * A few hand-made fixtures hold the streams of several requests one after the other, and some are filed under the wrong api:
 * no reply ever looks like that. A count of tokens is no reply either.
 */
function isOneReply({ api, path, status, responseBody }: Exchange): boolean {
  if (api === 'responses' && status < 400 && !responseBody.includes('"output"')) return false
  if (api === 'generateContent' && status < 400 && !responseBody.includes('"candidates"')) return false
  if (api === 'chat' && path !== '/v2/chat') return false // an older API of the same vendor
  if (responseBody.trimStart().startsWith('{\n  "predictions"') || path.endsWith('/input_tokens')) return false
  const ids = new Set([...responseBody.matchAll(/^data: \{"id":"(chatcmpl-[^"]+)"/gm)].map(([, id]) => id))
  return ids.size <= 1 && BEGINNINGS.every((beginning) => responseBody.split(beginning).length <= 2)
}

/** What stands in a stream once. */
const BEGINNINGS = ['"type":"message_start"', '"type":"response.created"', 'data: [DONE]']
