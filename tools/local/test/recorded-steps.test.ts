// Vendors' responses as the steps of a flow receive them: piece → library → proxy → a server that replays exchanges.
import { askAiOutput, summarizeOutput, textAi } from '@activepieces/piece-text-ai'
import { extractOutput, utilityAi } from '@activepieces/piece-utility-ai'
import { type AiProviderMetadata, AiProviders } from '@activepieces/pieces-common'
import {
  chatProviderOf,
  type Exchange,
  expectationOf,
  isStream,
  loadExchanges,
  modelFor,
  startReplayServer,
} from '@activepieces/provider-conformance'
import { createServer, type ProviderServer } from '@activepieces/server'
import { dataFolder } from '@activepieces/test-support/server'
import { afterAll, beforeAll, expect, it } from 'vitest'

/** Maximum number of exchanges per provider, API and origin (hand-written or recorded). */
const MAX_PER_GROUP = 3

type Row = {
  provider: string
  api: string
  id: string
  exchange: Exchange
  text: string
  promptTokens: number | undefined
}

/** Without fixtures of other projects: some of their streams lack the last line. */
const all = await loadExchanges(({ status, provenance }) => status === 200 && provenance !== 'fixture')
const rows: Row[] = all.flatMap((exchange) => {
  const provider = chatProviderOf(exchange)
  if (!provider) return []
  const expected = expectationOf(exchange)
  if ('fails' in expected || expected.toolCalls.length > 0 || expected.text.trim() === '') return []
  const { text, promptTokens } = expected
  return [{ provider, api: exchange.api, id: exchange.id, exchange, text, promptTokens }]
})
const whole = rows.filter(({ exchange }) => !isStream(exchange))
const TO_ASK = sampleOf(rows.filter(({ exchange }) => isStream(exchange)))
const TO_SUMMARIZE = sampleOf(whole)
const TO_EXTRACT = sampleOf(whole.filter((row) => objectOf(row) !== undefined && usesStructuredOutput(row)))
const TO_CLASSIFY = sampleOf(whole.filter((row) => objectOf(row) === undefined && usesStructuredOutput(row)))

let folder: Awaited<ReturnType<typeof dataFolder>>
let server: ProviderServer
let vendor: Awaited<ReturnType<typeof startReplayServer>>
let connected: { apiUrl: string; publicUrl: string; token: string }
beforeAll(async () => {
  folder = await dataFolder()
  vendor = await startReplayServer()
  const allowedOrigins = [new URL(vendor.urlOf('any')).origin]
  server = await createServer({ dataDir: folder.path, port: 0, logLevel: 'silent', pieces: {}, allowedOrigins })
  for (const provider of new Set(rows.map((row) => row.provider))) {
    await server.connections.save({ provider, apiKey: 'vendor-key', baseUrl: vendor.urlOf(provider) })
  }
  const { token } = await server.mintEngineToken({ expiresInSeconds: 3600 })
  connected = { apiUrl: `${await server.listen()}/api/`, publicUrl: '', token }
}, 60_000)
afterAll(async () => {
  await server.close()
  await vendor.close()
  await folder.remove()
})

it('covers every protocol', () => {
  const apis = new Set([...TO_ASK, ...TO_EXTRACT].map(({ api }) => api))
  const protocols = ['chat.completions', 'responses', 'messages', 'generateContent', 'converse', 'chat']
  expect([...apis]).toEqual(expect.arrayContaining(protocols))
  expect(TO_CLASSIFY).not.toEqual([])
})

it.for(TO_ASK)('Ask AI: $provider, $api, $id', async (row) => {
  const output = askAiOutput.parse(await run(textAi, 'ask_ai', row, { prompt: 'Replay.' }))
  expect(output.text).toBe(row.text)
  expect(output.usage.promptTokens).toBe(row.promptTokens)
})

it.for(TO_SUMMARIZE)('Summarize Text: $provider, $api, $id', async (row) => {
  const output = summarizeOutput.parse(await run(textAi, 'summarize_text', row, { text: 'Replay.' }))
  expect(output).toMatchObject({ summary: row.text, parts: 1 })
  expect(output.usage.promptTokens).toBe(row.promptTokens)
})

it.for(TO_EXTRACT)('Extract Structured Data: $provider, $api, $id', async (row) => {
  const recorded = objectOf(row) ?? {}
  const bySchema = { text: 'Replay.', jsonSchema: schemaOf(recorded) }
  expect(extractOutput.parse(await run(utilityAi, 'extract_structured_data', row, bySchema)).data).toEqual(recorded)
  const texts = Object.entries(recorded).filter(([name, value]) => /^\w+$/.test(name) && typeof value === 'string')
  const fields = texts.map(([name]) => ({ name, type: 'text', required: true }))
  if (fields.length === 0) return
  const output = await run(utilityAi, 'extract_structured_data', row, { text: 'Replay.', fields })
  expect(extractOutput.parse(output).data).toEqual(Object.fromEntries(texts))
  const more = [...fields, { name: 'Missing field', type: 'text', required: true }]
  await expect(run(utilityAi, 'extract_structured_data', row, { text: 'Replay.', fields: more })).rejects.toMatchObject(
    {
      code: 'invalid-object',
      message: expect.stringMatching(/^[^\n]+\. [A-Z][^\n]+$/),
    },
  )
})

it.for(TO_CLASSIFY)('Classify Text rejects prose with a one-line message: $provider, $api, $id', async (row) => {
  const classifying = run(utilityAi, 'classify_text', row, { text: 'Replay.', labels: ['Billing, late', 'شكوى 😀'] })
  await expect(classifying).rejects.toMatchObject({
    code: expect.stringMatching(/^(invalid-object|truncated)$/), // some reached the maximum number of tokens
    message: expect.stringMatching(/^The (completion|value) [^\n]+[.!?…] [A-Z][^\n]+$/),
  })
})

/** The part of a piece that these tests use. */
type Runnable = { getAction: (name: string) => { run: (context: never) => Promise<unknown> } | undefined }

async function run(piece: Runnable, action: string, { provider, exchange }: Row, input: object): Promise<unknown> {
  vendor.put(provider, exchange, { bytes: 997 })
  const propsValue = { ...input, provider, model: modelFor(exchange) }
  const context = { propsValue, server: connected, output: { update: async () => {} } }
  // SAFETY: without a conversation key, AI actions use only these parts of their context.
  return await piece.getAction(action)?.run(context as never)
}

/** Returns the first rows of each group. */
function sampleOf(from: readonly Row[]): Row[] {
  const seen = new Map<string, number>()
  return from.filter(({ provider, api, exchange }) => {
    const group = `${provider} ${api} ${exchange.provenance === 'written'}`
    const count = (seen.get(group) ?? 0) + 1
    seen.set(group, count)
    return count <= MAX_PER_GROUP
  })
}

/** Parses the recorded text as an object. Returns undefined for prose. */
function objectOf({ text }: Row): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Whether the provider supports structured output for the model. The library forces a tool call otherwise. */
function usesStructuredOutput({ provider, exchange }: Row): boolean {
  const entry: AiProviderMetadata | undefined = AiProviders.find(({ value }) => value === provider)
  return entry?.factory({ serverUrl: '', engineToken: '' }).chat.structuredOutput?.(modelFor(exchange)) ?? false
}

/** Creates a JSON schema that the value matches, with all its fields required. */
function schemaOf(value: unknown): object {
  if (Array.isArray(value)) return { type: 'array', ...(value.length > 0 && { items: { anyOf: value.map(schemaOf) } }) }
  if (typeof value !== 'object' || value === null) return { type: value === null ? 'null' : typeof value }
  const properties = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, schemaOf(inner)]))
  return { type: 'object', properties, required: Object.keys(properties) }
}
