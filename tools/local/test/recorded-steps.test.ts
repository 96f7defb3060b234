// Responses of vendors as the steps of a flow get them: piece → library → proxy → a server that replays exchanges.
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

/** Of each kind on each wire of each provider. */
const A_FEW = 3

type Row = {
  provider: string
  api: string
  id: string
  exchange: Exchange
  text: string
  promptTokens: number | undefined
}

/** The hand-made fixtures of other projects are left out: some of their streams lack the last line. */
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
const ASKED = aFew(rows.filter(({ exchange }) => isStream(exchange)))
const SUMMARIZED = aFew(whole)
const EXTRACTED = aFew(whole.filter((row) => objectOf(row) !== undefined && answersBySchema(row)))
const CLASSIFIED = aFew(whole.filter((row) => objectOf(row) === undefined && answersBySchema(row)))

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

it('each protocol is among them', () => {
  const apis = new Set([...ASKED, ...EXTRACTED].map(({ api }) => api))
  const protocols = ['chat.completions', 'responses', 'messages', 'generateContent', 'converse', 'chat']
  expect([...apis]).toEqual(expect.arrayContaining(protocols))
  expect(CLASSIFIED).not.toEqual([])
})

it.for(ASKED)('Ask AI: $provider, $api, $id', async (row) => {
  const output = askAiOutput.parse(await run(textAi, 'ask_ai', row, { prompt: 'Replay.' }))
  expect(output.text).toBe(row.text)
  expect(output.usage.promptTokens).toBe(row.promptTokens)
})

it.for(SUMMARIZED)('Summarize Text: $provider, $api, $id', async (row) => {
  const output = summarizeOutput.parse(await run(textAi, 'summarize_text', row, { text: 'Replay.' }))
  expect(output).toMatchObject({ summary: row.text, parts: 1 })
  expect(output.usage.promptTokens).toBe(row.promptTokens)
})

it.for(EXTRACTED)('Extract Structured Data: $provider, $api, $id', async (row) => {
  const recorded = objectOf(row) ?? {}
  const bySchema = { text: 'Replay.', jsonSchema: schemaOf(recorded) }
  expect(extractOutput.parse(await run(utilityAi, 'extract_structured_data', row, bySchema)).data).toEqual(recorded)
  const texts = Object.entries(recorded).filter(([name, value]) => /^\w+$/.test(name) && typeof value === 'string')
  const fields = texts.map(([name]) => ({ name, type: 'text', required: true }))
  if (fields.length === 0) return
  const output = await run(utilityAi, 'extract_structured_data', row, { text: 'Replay.', fields })
  expect(extractOutput.parse(output).data).toEqual(Object.fromEntries(texts))
  const more = [...fields, { name: 'Nobody said this', type: 'text', required: true }]
  await expect(run(utilityAi, 'extract_structured_data', row, { text: 'Replay.', fields: more })).rejects.toMatchObject(
    {
      code: 'invalid-object',
      message: expect.stringMatching(/^[^\n]+\. [A-Z][^\n]+$/),
    },
  )
})

it.for(CLASSIFIED)('Classify Text says in one line that prose is no label: $provider, $api, $id', async (row) => {
  const classifying = run(utilityAi, 'classify_text', row, { text: 'Replay.', labels: ['Billing, late', 'شكوى 😀'] })
  await expect(classifying).rejects.toMatchObject({
    code: expect.stringMatching(/^(invalid-object|truncated)$/), // some were cut by the maximum of tokens
    message: expect.stringMatching(/^The answer [^\n]+\. [A-Z][^\n]+$/),
  })
})

/** The part of a piece that is used here. */
type Runnable = { getAction: (name: string) => { run: (context: never) => Promise<unknown> } | undefined }

async function run(piece: Runnable, action: string, { provider, exchange }: Row, input: object): Promise<unknown> {
  vendor.put(provider, exchange, { bytes: 997 })
  const propsValue = { ...input, provider, model: modelFor(exchange) }
  const context = { propsValue, server: connected, output: { update: async () => {} } }
  // SAFETY: AI actions use these parts of their context alone where no conversation is kept.
  return await piece.getAction(action)?.run(context as never)
}

/** The first of each API of each provider, hand-written and recorded. */
function aFew(from: readonly Row[]): Row[] {
  const seen = new Map<string, number>()
  return from.filter(({ provider, api, exchange }) => {
    const group = `${provider} ${api} ${exchange.provenance === 'written'}`
    const place = (seen.get(group) ?? 0) + 1
    seen.set(group, place)
    return place <= A_FEW
  })
}

/** The recorded text as the object that it is; undefined for prose. */
function objectOf({ text }: Row): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Whether the model is asked by a schema of the vendor's own: the other way is a tool that must be called. */
function answersBySchema({ provider, exchange }: Row): boolean {
  const entry: AiProviderMetadata | undefined = AiProviders.find(({ value }) => value === provider)
  return entry?.factory({ serverUrl: '', engineToken: '' }).chat.structuredOutput?.(modelFor(exchange)) ?? false
}

/** A JSON schema that a value fits, in which all of it is required. */
function schemaOf(value: unknown): object {
  if (Array.isArray(value)) return { type: 'array', ...(value.length > 0 && { items: { anyOf: value.map(schemaOf) } }) }
  if (typeof value !== 'object' || value === null) return { type: value === null ? 'null' : typeof value }
  const properties = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, schemaOf(inner)]))
  return { type: 'object', properties, required: Object.keys(properties) }
}
