// Responses with web search, replayed through proxy and library: the pages they cite reach the step.
import { askAiOutput, textAi } from '@activepieces/piece-text-ai'
import { AI } from '@activepieces/pieces-common'
import { loadExchanges, startReplayServer } from '@activepieces/provider-conformance'
import { createServer, type ProviderServer } from '@activepieces/server'
import { dataFolder } from '@activepieces/test-support/server'
import { afterAll, beforeAll, expect, it } from 'vitest'

const BITCOIN = 'https://u.today/bitcoin-btc-price-analysis-for-january-1-0'
const ETHEREUM = 'https://www.cryptopolitan.com/ethereum-price-prediction/'
const REDIRECT = 'https://vertexaisearch.cloud.google.com/grounding-api-redirect/AUZIYQ'

/** The page that the hand-written exchanges cite. */
const DOCS = { pages: 1, url: 'https://www.activepieces.com/docs', title: 'Activepieces docs' }

/** Streamed responses, as Ask AI requests them: the first page and the number of pages. Most need the recordings. */
const STREAMED = [
  { id: 'perplexity/chat.completions/stream', provider: 'perplexity', ...DOCS },
  {
    id: 'c72be0355f27',
    provider: 'anthropic',
    pages: 1,
    url: BITCOIN,
    title: 'Bitcoin (BTC) Price Analysis for January 1',
  },
  {
    id: 'b3171fe3a767',
    provider: 'openai',
    pages: 3,
    url: 'https://www.statmuse.com/',
    title: 'Bitcoin Price History',
  },
  { id: '8b7293e694d5', provider: 'gemini', pages: 3, url: REDIRECT, title: 'coinmarketcap.com' },
  {
    id: '0196f986af14',
    provider: 'perplexity',
    pages: 8,
    url: 'https://www.youtube.com/watch?v=gJEC9',
    title: 'Counting to 3',
  },
]
const WHOLE = [
  { id: 'anthropic/messages/web-search', provider: 'anthropic', ...DOCS },
  { id: 'openai/responses/web-search', provider: 'openai', ...DOCS },
  { id: 'gemini/generateContent/web-search', provider: 'gemini', ...DOCS, title: 'activepieces.com' },
  { id: 'perplexity/chat.completions/text', provider: 'perplexity', ...DOCS },
  { id: 'a9faa7c9d208', provider: 'anthropic', pages: 1, url: ETHEREUM, title: 'Ethereum price prediction 2026' },
  {
    id: 'aa253c356c20',
    provider: 'openai',
    pages: 2,
    url: 'https://conservationoptimism.org/',
    title: '7 stories of optimism',
  },
  { id: 'a8c8bee56deb', provider: 'xai', pages: 2, url: 'https://www.ruby-lang.org/en/downloads/', title: undefined },
  { id: '70a57c31683d', provider: 'gemini', pages: 1, url: REDIRECT, title: 'morningstar.com' },
  {
    id: 'fcfec78faf26',
    provider: 'openrouter',
    pages: 10,
    url: 'https://en.wikipedia.org/wiki/Ruby',
    title: 'Ruby (programming',
  },
  {
    id: '901a5680955f',
    provider: 'perplexity',
    pages: 4,
    url: 'https://www.youtube.com/watch?v=tY46',
    title: 'What is half of 2',
  },
]

const ids = new Set([...STREAMED, ...WHOLE].map(({ id }) => id))
const recorded = new Map((await loadExchanges(({ id }) => ids.has(id))).map((exchange) => [exchange.id, exchange]))

const known = <Row extends { id: string }>(rows: Row[]) => rows.filter(({ id }) => recorded.has(id))

let folder: Awaited<ReturnType<typeof dataFolder>>
let server: ProviderServer
let connected: { apiUrl: string; publicUrl: string; token: string }
let vendor: Awaited<ReturnType<typeof startReplayServer>>
beforeAll(async () => {
  folder = await dataFolder()
  vendor = await startReplayServer()
  const allowedOrigins = [new URL(vendor.urlOf('any')).origin]
  server = await createServer({ dataDir: folder.path, port: 0, logLevel: 'silent', pieces: {}, allowedOrigins })
  for (const { id, provider } of known([...STREAMED, ...WHOLE])) {
    await server.connections.save({
      provider,
      slug: slugOf(id),
      apiKey: 'vendor-key',
      baseUrl: vendor.urlOf(slugOf(id)),
    })
  }
  const { token } = await server.mintEngineToken({ expiresInSeconds: 3600 })
  connected = { apiUrl: `${await server.listen()}/api/`, publicUrl: '', token }
})
afterAll(async () => {
  await server.close()
  await vendor.close()
  await folder.remove()
})

/** Ids of hand-written exchanges contain slashes and dots. */
const slugOf = (id: string) => id.toLowerCase().replace(/[^a-z0-9]+/g, '-')
const replayed = (id: string) => {
  const exchange = recorded.get(id)
  if (!exchange?.model) throw new Error(`${id} is not among the recordings.`)
  vendor.put(slugOf(id), exchange, { bytes: 333 })
  return exchange.model
}
const pageOf = ({ url, title }: { url: string; title: string | undefined }) =>
  title === undefined
    ? { url: expect.stringContaining(url) }
    : { url: expect.stringContaining(url), title: expect.stringContaining(title) }

it.for(known(STREAMED))('Ask AI returns the pages that $provider cites: $id', async (row) => {
  const provider = `${row.provider}@${slugOf(row.id)}`
  const propsValue = { provider, model: replayed(row.id), prompt: 'What is new?', search: { webSearch: true } }
  const context = { propsValue, server: connected, output: { update: async () => {} } }
  // SAFETY: without a conversation key, the action uses only these parts of its context.
  const { sources } = askAiOutput.parse(await textAi.getAction('ask_ai')?.run(context as never))
  expect(sources[0]).toEqual(pageOf(row))
  expect(sources).toHaveLength(row.pages)
})

it.for(known(WHOLE))('chat.text returns the pages that $provider cites: $id', async (row) => {
  const { chat } = AI({ provider: `${row.provider}@${slugOf(row.id)}`, server: connected })
  const messages = [{ role: 'user' as const, content: 'What is new?' }]
  const { sources } = await chat.text({ model: replayed(row.id), messages, webSearch: true })
  expect(sources?.[0]).toEqual(pageOf(row))
  expect(sources).toHaveLength(row.pages)
})
