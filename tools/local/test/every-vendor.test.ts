// Every action with every provider, end to end: piece → library → the real server's proxy → a third-party emulator.
import { askAiOutput, summarizeOutput, textAi } from '@activepieces/piece-text-ai'
import { classifyOutput, extractOutput, moderationOutput, utilityAi } from '@activepieces/piece-utility-ai'
import { type AiProviderMetadata, AiProviders, capabilitiesOf } from '@activepieces/pieces-common'
import { OPTIONS } from '@activepieces/provider-conformance'
import { createServer, type ProviderServer } from '@activepieces/server'
import { dataFolder } from '@activepieces/test-support/server'
import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const TEXT = 'Où est ma facture? أين فاتورتي؟ 👩‍👩‍👧‍👦'
const SCORES = { hate: 0, harassment: 0.9, self_harm: 0, sexual: 0, sexual_minors: 0, violence: 0, illicit: 0 }
const RECORD = { Invoice_No: 'R-1', Items: [{ Tags: ['a, b', 'شكوى 😀'], Price: null }] }
const ORDERS = { orders: [{ id: 'o1', lines: [[1, 2], []] }, { id: 'o2' }] }

/** The emulator's output for a prompt that contains the key. */
const OUTPUTS: Record<string, unknown> = {
  ASKING: `Answer: ${TEXT}`,
  LOOKING: 'I see it.',
  SUMMING: 'In short: 😀 ملخص',
  CLASSIFYING: { label: 'Billing, late', confidence: 0.75 },
  EXTRACTING: RECORD,
  SCHEMING: ORDERS,
  MODERATING: SCORES,
}
const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13, input_tokens: 9, output_tokens: 4 }

function respond({ messages, tools }: ChatCompletionRequest) {
  const prompt = JSON.stringify(messages)
  const value = OUTPUTS[Object.keys(OUTPUTS).find((word) => prompt.includes(word)) ?? ''] ?? 'No prepared output.'
  const [forced] = tools ?? []
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return forced ? { toolCalls: [{ name: forced.function.name, arguments: text }], usage } : { content: text, usage }
}

const emulator = new LLMock({ port: 0, host: '127.0.0.1', journalMaxEntries: 10 })
let server: ProviderServer
let folder: Awaited<ReturnType<typeof dataFolder>>
let apiUrl: string
let token: string
beforeAll(async () => {
  folder = await dataFolder()
  emulator.on({ predicate: () => true }, respond)
  await emulator.start()
  const allowedOrigins = [new URL(emulator.url).origin]
  server = await createServer({ dataDir: folder.path, port: 0, logLevel: 'silent', pieces: {}, allowedOrigins })
  for (const { value } of AiProviders) {
    const baseUrl = value === 'perplexity' ? `${emulator.url}/v1` : emulator.url // its path has no version
    await server.connections.save({ provider: value, apiKey: 'vendor-key-1', baseUrl })
  }
  await server.connections.save({ provider: 'openai', slug: 'my-gateway', apiKey: 'k', baseUrl: emulator.url })
  apiUrl = `${await server.listen()}/api/`
  token = (await server.mintEngineToken({ expiresInSeconds: 3600 })).token
}, 60_000)
afterAll(async () => {
  await server.close()
  await emulator.stop()
  await folder.remove()
})

/** The part of a piece that these tests use. */
type Runnable = { getAction: (name: string) => { run: (context: never) => Promise<unknown> } | undefined }

async function run(piece: Runnable, name: string, propsValue: object): Promise<unknown> {
  const context = { propsValue, server: { apiUrl, publicUrl: '', token }, output: { update: async () => {} } }
  // SAFETY: without a conversation key, AI actions use only these parts of their context.
  return await piece.getAction(name)?.run(context as never)
}

const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(3 * 1024 * 1024, 7)])
const PDF = Buffer.from('%PDF-1.7\n%%EOF')
const filesOf = (filename: string, data: Buffer) => [
  { file: { filename, data, extension: filename.split('.')[1], base64: data.toString('base64') } },
]

/** Returns a provider's first chat model, or any name for a provider whose models are known only from its API. */
const chatModel = ({ models }: AiProviderMetadata) =>
  models.length === 0 ? 'my-model' : models.find((model) => capabilitiesOf(model).includes('text'))?.value
const vendors = AiProviders.flatMap((entry: AiProviderMetadata) => {
  const model = chatModel(entry)
  return model === undefined ? [] : [{ provider: entry.value, model }]
})
const rows = [
  ...vendors,
  { provider: 'openai', model: 'gpt-5.2-pro' }, // uses the Responses API
  { provider: 'openai@my-gateway', model: 'gpt-5.5' }, // a second connection
]

describe.each(rows)('$provider, $model', (target) => {
  const supports = Object(Object(OPTIONS)[target.provider.split('@')[0] ?? '']).supports ?? {}

  it('Ask AI', async () => {
    const output = askAiOutput.parse(await run(textAi, 'ask_ai', { ...target, prompt: `ASKING ${TEXT}` }))
    expect(output).toMatchObject({ text: OUTPUTS['ASKING'], finishReason: 'stop' })
  })

  it.each([
    ['an image of 3 MB', 'imageBase64', filesOf('a.png', PNG)],
    ['a PDF', 'pdfBase64', filesOf('a.pdf', PDF)],
  ])('Ask AI about %s', async (_what, need, files) => {
    const asking = run(textAi, 'ask_ai', { ...target, prompt: 'LOOKING', files })
    if (supports[need] === false) await expect(asking).rejects.toMatchObject({ code: 'unsupported' })
    else expect(askAiOutput.parse(await asking).text).toBe('I see it.')
  })

  it('Summarize Text', async () => {
    const output = await run(textAi, 'summarize_text', { ...target, text: `SUMMING ${TEXT}` })
    expect(summarizeOutput.parse(output)).toMatchObject({ summary: OUTPUTS['SUMMING'], parts: 1 })
  })

  it('Classify Text', async () => {
    const labels = ['Billing, late', 'شكوى 😀', 42]
    const output = await run(utilityAi, 'classify_text', { ...target, text: `CLASSIFYING ${TEXT}`, labels })
    expect(classifyOutput.parse(output)).toMatchObject({ label: 'Billing, late', confidence: 0.75 })
  })

  it('Extract Structured Data by fields', async () => {
    const fields = [
      { name: 'Invoice No', type: 'text', required: true },
      { name: 'Items[].Tags[]', type: 'text' },
      { name: 'Items[].Price', type: 'number' },
    ]
    const output = await run(utilityAi, 'extract_structured_data', { ...target, text: `EXTRACTING ${TEXT}`, fields })
    expect(extractOutput.parse(output).data).toEqual({
      'Invoice No': 'R-1',
      Items: [{ Tags: ['a, b', 'شكوى 😀'], Price: null }],
    })
  })

  it('Extract Structured Data by a JSON schema with optional nested lists', async () => {
    const numbers = { type: 'array', items: { type: 'number' } }
    const order = {
      type: 'object',
      properties: { id: { type: 'string' }, lines: { type: 'array', items: numbers } },
      required: ['id'],
    }
    const jsonSchema = { type: 'object', properties: { orders: { type: 'array', items: order } } }
    const output = await run(utilityAi, 'extract_structured_data', { ...target, text: 'SCHEMING', jsonSchema })
    expect(extractOutput.parse(output).data).toEqual(ORDERS)
  })

  it('Check Moderation by a chat model', async () => {
    const output = await run(utilityAi, 'check_moderation', { ...target, text: `MODERATING ${TEXT}` })
    expect(moderationOutput.parse(output)).toMatchObject({
      flagged: true,
      by: 'answer',
      categories: { harassment: true, hate: false },
    })
  })

  it.each([
    { piece: textAi, action: 'ask_ai', propsValue: { prompt: ' ' } },
    { piece: textAi, action: 'summarize_text', propsValue: { text: ' ' } },
    { piece: utilityAi, action: 'classify_text', propsValue: { text: '', labels: ['a'] } },
    { piece: utilityAi, action: 'extract_structured_data', propsValue: { text: '', fields: [] } },
    { piece: utilityAi, action: 'check_moderation', propsValue: { text: '' } },
  ])('$action rejects an empty text with a one-line message', async ({ piece, action, propsValue }) => {
    await expect(run(piece, action, { ...target, ...propsValue })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/^[^\n]+\. [A-Z][^\n]+$/),
    })
  })
})

it.each([
  { provider: 'openai', model: 'omni-moderation-latest' },
  { provider: 'mistral', model: 'mistral-moderation-latest' },
])('Check Moderation by the moderation endpoint of $provider', async (target) => {
  const output = moderationOutput.parse(await run(utilityAi, 'check_moderation', { ...target, text: TEXT }))
  expect(output).toMatchObject({ flagged: false, by: 'moderation' })
})

it('rejects a provider without chat before sending anything', async () => {
  const target = { provider: 'replicate', model: 'black-forest-labs/flux-dev' }
  await expect(run(textAi, 'ask_ai', { ...target, prompt: 'Hi' })).rejects.toMatchObject({ code: 'unsupported' })
})
