import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cut, type Exchange, loadExchanges, recordingsFolder, replayAll, startReplayServer } from '../src/index.ts'

const WIRES = [
  { vendor: 'anthropic', provider: 'anthropic', api: 'messages' },
  { vendor: 'azure-openai', provider: 'azure-openai', api: 'chat.completions' },
  { vendor: 'deepseek', provider: 'deepseek', api: 'chat.completions' },
  { vendor: 'gemini', provider: 'gemini', api: 'generateContent' },
  { vendor: 'gemini', provider: 'gemini', api: 'streamGenerateContent' },
  { vendor: 'groq', provider: 'groq', api: 'chat.completions' },
  { vendor: 'mistral', provider: 'mistral', api: 'chat.completions' },
  { vendor: 'ollama', provider: 'ollama', api: 'chat.completions' },
  { vendor: 'openai', provider: 'openai', api: 'chat.completions' },
  { vendor: 'openai', provider: 'openai', api: 'responses' },
  { vendor: 'openai-compatible-local', provider: 'openai-compatible', api: 'chat.completions' },
  { vendor: 'openrouter', provider: 'openrouter', api: 'chat.completions' },
  { vendor: 'perplexity', provider: 'perplexity', api: 'chat.completions' },
  { vendor: 'together', provider: 'together', api: 'chat.completions' },
  { vendor: 'vertex', provider: 'gemini', api: 'generateContent' },
  { vendor: 'vertex', provider: 'gemini', api: 'streamGenerateContent' },
  { vendor: 'xai', provider: 'xai', api: 'chat.completions' },
]
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

describe.each(WIRES)('recorded $api of $vendor', (wire) => {
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
 * Two hand-made fixtures hold the streams of several requests one after the other, and some are filed under the wrong api (a
 * cached content as a reply of Gemini): no reply ever looks like that. A count of tokens is no reply either.
 */
function isOneReply({ api, path, status, responseBody }: Exchange): boolean {
  if (api === 'responses' && status < 400 && !responseBody.includes('"output"')) return false
  if (api === 'generateContent' && status < 400 && !responseBody.includes('"candidates"')) return false
  return responseBody.split('"type":"message_start"').length <= 2 && !path.endsWith('/input_tokens')
}
