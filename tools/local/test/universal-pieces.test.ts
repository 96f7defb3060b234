// The universal pieces end to end with a third-party emulator: server → piece → library → proxy → vendor.
import { pieceList, pieceRun } from '@activepieces/contract'
import { speechOutput, transcriptOutput } from '@activepieces/piece-audio-ai'
import { describeImageOutput, imageOutput } from '@activepieces/piece-image-ai'
import { askAiOutput, summarizeOutput } from '@activepieces/piece-text-ai'
import { classifyOutput, extractOutput, moderationOutput } from '@activepieces/piece-utility-ai'
import { createServer, type ProviderServer } from '@activepieces/server'
import { dataFolder } from '@activepieces/test-support/server'
import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ADMIN_KEY = 'admin-key-of-the-tests-0123456789'
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const SOUND = Buffer.from('ID3 audio data').toString('base64')
const png = { filename: 'piece.png', base64: PNG }

let folder: Awaited<ReturnType<typeof dataFolder>>
let server: ProviderServer
let url: string
const vendor = new LLMock({ port: 0, host: '127.0.0.1' })
/** The messages of the last request, as JSON. */
let lastMessages = ''

beforeAll(async () => {
  await vendor.start()
  const remember = ({ messages }: ChatCompletionRequest) => {
    lastMessages = JSON.stringify(messages)
    return false
  }
  vendor.on({ predicate: remember }, { content: 'unused' })
  vendor.onImage(/./, { images: [{ b64Json: PNG }, { b64Json: PNG }] })
  vendor.onSpeech(/./, { audio: SOUND, format: 'mp3' })
  vendor.onTranscription({ transcription: { text: 'Hello, مرحبا 👋', language: 'english', duration: 1.5 } })
  vendor.onMessage(/refund/, { content: JSON.stringify({ label: 'Billing, refunds & 3D', confidence: 0.9 }) })
  vendor.onMessage(/weather/, { content: JSON.stringify({ label: 'none of these', confidence: 1.2 }) })
  vendor.onMessage(/invoice/, {
    content: JSON.stringify({ customer: { name: 'Ada' }, items: [{ price: 2.5 }], due_date: null }),
  })
  vendor.onMessage(/judge/, {
    content: JSON.stringify({
      harassment: 0.7,
      hate: 0,
      illicit: 0,
      self_harm: 0,
      sexual: 0,
      sexual_minors: 0,
      violence: 0.1,
    }),
  })
  vendor.onModerate(/insult/, {
    flagged: true,
    categories: { harassment: true },
    category_scores: { harassment: 0.9 },
  })
  vendor.onMessage(/./, { content: 'A red piece.' })
  folder = await dataFolder()
  const allowedOrigins = [new URL(vendor.url).origin]
  server = await createServer({
    port: 0,
    dataDir: folder.path,
    adminKey: ADMIN_KEY,
    logLevel: 'silent',
    allowedOrigins,
  })
  await server.connections.save({ provider: 'openai', baseUrl: vendor.url, apiKey: 'sk-test', emulated: true })
  url = await server.listen()
})
afterAll(async () => {
  await server.close()
  await vendor.stop()
  await folder.remove()
})

async function run(piece: string, action: string, input: object) {
  const response = await fetch(`${url}/api/v1/pieces/${piece}/actions/${action}/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ input: { provider: 'openai', ...input } }),
  })
  return pieceRun.parse(await response.json())
}

it('embeds the logo in each piece', async () => {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` }
  const { data } = pieceList.parse(await (await fetch(`${url}/api/v1/pieces`, { headers })).json())
  expect(data).toHaveLength(4)
  for (const { displayName, logoUrl } of data) {
    const logo = await fetch(logoUrl) // a data: URL
    expect(logo.headers.get('content-type')).toBe('image/svg+xml')
    const svg = await logo.text()
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [\s\S]+<\/svg>$/)
    expect(svg).toContain(`<title>${displayName}</title>`)
    expect(svg).not.toMatch(/href|<script|url\(/)
  }
})

describe('Image AI', () => {
  it('Generate Image returns files with the type of their content', async () => {
    const input = {
      model: 'gpt-image-2',
      prompt: 'A red piece',
      count: 2,
      advancedOptions: { quality: 'low', background: '' },
    }
    const { output } = await run('image-ai', 'generate_image', input)
    const url = `data:image/png;base64,${PNG}`
    expect(imageOutput.parse(output)).toEqual({
      images: [
        { url, filename: 'image-1.png', mediaType: 'image/png' },
        { url, filename: 'image-2.png', mediaType: 'image/png' },
      ],
      usage: {},
    })
  })

  it('Edit Image sends the image and returns the edited one', async () => {
    const { output } = await run('image-ai', 'edit_image', { model: 'gpt-image-2', prompt: 'Make it blue', image: png })
    expect(imageOutput.parse(output).images[0]).toMatchObject({
      filename: 'edited-image-1.png',
      mediaType: 'image/png',
    })
  })

  it('Describe Image sends the image and the question', async () => {
    const { output } = await run('image-ai', 'describe_image', {
      model: 'gpt-5.5',
      image: png,
      question: 'What colour?',
    })
    expect(describeImageOutput.parse(output)).toMatchObject({
      text: 'A red piece.',
      usage: { promptTokens: expect.any(Number) },
      warnings: [],
    })
    expect(JSON.stringify(vendor.getLastRequest()?.body)).toContain(PNG)
  })

  it('Describe Image rejects a value that is not a file, and a file of a wrong type', async () => {
    const input = { model: 'gpt-5.5', image: 'piece.png' }
    const message =
      '"Image" is invalid: expected a file as { filename, base64 }, or as a data: URL with base64, got a string.'
    expect((await run('image-ai', 'describe_image', input)).error).toMatchObject({
      code: 'invalid-input',
      message,
    })
    const text = { filename: 'notes.txt', base64: Buffer.from('notes').toString('base64') }
    const { error } = await run('image-ai', 'describe_image', { ...input, image: text })
    expect(error?.message).toMatch(
      /^openai: The file "notes\.txt" is of an unknown type; expected image\/png, .* [A-Z]\w+ /,
    )
  })

  it('names the property that is invalid', async () => {
    for (const [action, input, message] of [
      [
        'generate_image',
        { prompt: 'A piece', count: 50 },
        '"Number of Images" must be a whole number from 1 to 10, got 50.',
      ],
      ['generate_image', { prompt: ' ' }, '"Prompt" is empty. Enter a text.'],
      ['edit_image', { prompt: ' ', image: png }, '"Prompt" is empty. Enter a text.'],
    ] as const) {
      const { error } = await run('image-ai', action, { model: 'gpt-image-2', ...input })
      expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining(message) })
    }
  })
})

describe('Audio AI', () => {
  it('Text to Speech returns an audio file', async () => {
    const input = { model: 'gpt-4o-mini-tts', text: 'مرحبا 👋', voice: 'alloy' }
    const { output } = await run('audio-ai', 'text_to_speech', input)
    expect(speechOutput.parse(output)).toEqual({
      url: `data:audio/mpeg;base64,${SOUND}`,
      filename: 'speech.mp3',
      mediaType: 'audio/mpeg',
      bytes: Buffer.from(SOUND, 'base64').length,
    })
  })

  it('Text to Speech names the property that is empty', async () => {
    for (const [input, message] of [
      [{ text: ' ', voice: 'alloy' }, '"Text" is empty. Enter a text.'],
      [{ text: 'Hi', voice: ' ' }, '"Voice" is empty. Enter a text.'],
    ] as const) {
      const { error } = await run('audio-ai', 'text_to_speech', { model: 'gpt-4o-mini-tts', ...input })
      expect(error).toMatchObject({ code: 'invalid-request', message: expect.stringContaining(message) })
    }
  })

  it('Transcribe Audio returns the text', async () => {
    const file = { filename: 'talk.mp3', base64: SOUND }
    const { output } = await run('audio-ai', 'transcribe_audio', { model: 'whisper-1', file, language: 'en' })
    expect(transcriptOutput.parse(output)).toMatchObject({ text: 'Hello, مرحبا 👋', language: 'english' })
  })
})

describe('Text AI', () => {
  it('Ask AI sends images, texts and PDFs, and rejects other files by name', async () => {
    const text = { filename: 'notes.txt', base64: Buffer.from('مرحبا').toString('base64') }
    const pdf = { filename: 'a.pdf', base64: Buffer.from('%PDF-1.4 …').toString('base64') }
    const files = [{ file: png }, { file: text }, { file: pdf }]
    const input = { model: 'gpt-5.5', prompt: 'What is this?', files, reasoningEffort: 'low' }
    expect(askAiOutput.parse((await run('text-ai', 'ask_ai', input)).output).text).toBe('A red piece.')
    const sent = JSON.stringify(vendor.getLastRequest()?.body)
    for (const part of [PNG, 'notes.txt:', pdf.base64, '"reasoning_effort":"low"']) expect(sent).toContain(part)
    const zip = { filename: 'a.zip', base64: Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 255]).toString('base64') }
    const { error } = await run('text-ai', 'ask_ai', { ...input, files: [{ file: zip }] })
    expect(error?.message).toMatch(/^The file "a.zip" is not a supported type .* [A-Z]\w+ /)
  })

  it('Ask AI sends an image of 3 MB unchanged', async () => {
    const bytes = Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(3 * 1024 * 1024, 7)])
    const file = { filename: 'large.png', base64: bytes.toString('base64') }
    const input = { model: 'gpt-5.5', prompt: 'What is this? 👋', files: [{ file }] }
    expect(askAiOutput.parse((await run('text-ai', 'ask_ai', input)).output).text).toBe('A red piece.')
    // The emulator's journal does not keep texts of this length.
    expect(lastMessages.includes(file.base64)).toBe(true) // toContain would print 4 MB on failure
  })

  it('rejects an empty text before the call and names the property', async () => {
    vendor.clearRequests()
    for (const [piece, action, input, field] of [
      ['text-ai', 'ask_ai', { prompt: ' ' }, 'Prompt'],
      ['text-ai', 'summarize_text', { text: ' ' }, 'Text'],
      ['utility-ai', 'classify_text', { text: ' ', labels: ['a'] }, 'Text'],
    ] as const) {
      const { error } = await run(piece, action, { model: 'gpt-5.5', ...input })
      expect(error).toMatchObject({ code: 'invalid-request', actor: 'flow-author' })
      expect(error?.message).toMatch(new RegExp(`^"${field}" is empty\\. Enter a text\\. [A-Z]`))
    }
    expect(vendor.getRequests()).toEqual([])
  })

  it('rejects a text that cannot fit before the call, and Summarize Text splits it if asked', async () => {
    const text = 'Lorem ipsum dolor sit amet. '.repeat(40_000) // 200,000 words
    vendor.clearRequests()
    const input = { model: 'gpt-4o', text }
    const { error } = await run('text-ai', 'summarize_text', input)
    expect(error).toMatchObject({ code: 'context-length' })
    expect(error?.message).toMatch(
      /has at least 200,0\d\d tokens; gpt-4o accepts 128,000\. Select "Split Long Text"/, // the prompt counts too
    )
    expect(vendor.getRequests()).toEqual([])
    const { output } = await run('text-ai', 'summarize_text', { ...input, split: true })
    expect(summarizeOutput.parse(output)).toMatchObject({ summary: 'A red piece.', parts: 7 })
    expect(vendor.getRequests()).toHaveLength(8) // seven parts, then their summaries
  })
})

describe('Utility AI', () => {
  it('Classify Text supports labels with spaces, commas and numbers', async () => {
    const labels = ['Billing, refunds & 3D', 'Bug report', '404']
    const input = { model: 'gpt-5.5', labels, noneOfThese: true }
    const { output } = await run('utility-ai', 'classify_text', { ...input, text: 'I want a refund 👋' })
    expect(classifyOutput.parse(output)).toMatchObject({
      label: 'Billing, refunds & 3D',
      confidence: 0.9,
      warnings: [],
    })
    const none = await run('utility-ai', 'classify_text', { ...input, text: 'How is the weather?' })
    expect(classifyOutput.parse(none.output)).toMatchObject({ label: null, confidence: 1 })
    const twice = await run('utility-ai', 'classify_text', { ...input, labels: ['a', 'a'], text: 'x' })
    expect(twice.error?.message).toMatch(/^Invalid labels: "a" appears twice\. Provide .* [A-Z]\w+ /)
    const notText = await run('utility-ai', 'classify_text', { ...input, labels: ['a', { b: 1 }], text: 'x' })
    expect(notText.error?.message).toMatch(/^Invalid labels: item 2 is not text\. Provide /)
  })

  it('Extract Structured Data returns the fields by name and enforces required ones', async () => {
    const fields = [
      { name: 'customer.name', type: 'text', required: true },
      { name: 'items[].price', type: 'number' },
      { name: 'due date', type: 'date' },
    ]
    const input = { model: 'gpt-5.5', text: 'The invoice of Ada: tea 2.50', fields }
    const { output } = await run('utility-ai', 'extract_structured_data', input)
    expect(extractOutput.parse(output).data).toEqual({
      customer: { name: 'Ada' },
      items: [{ price: 2.5 }],
      'due date': null,
    })
    const strict = fields.map((field) => ({ ...field, required: true }))
    const { error } = await run('utility-ai', 'extract_structured_data', { ...input, fields: strict })
    expect(error?.message).toContain('found no value for the required fields "due date"')
    for (const text of ['', ' \n']) {
      const empty = await run('utility-ai', 'extract_structured_data', { ...input, text })
      expect(empty.error?.message).toContain('There is nothing to extract from')
    }
    const file = { filename: 'a.txt', base64: '' }
    const nothing = await run('utility-ai', 'extract_structured_data', { ...input, files: [{ file }] })
    expect(nothing.error?.message).toMatch(/^The file "a\.txt" is empty\. [A-Z]/)
    const neither = await run('utility-ai', 'extract_structured_data', { ...input, fields: [], jsonSchema: {} })
    expect(neither.error?.message).toMatch(/^Set fields or a JSON schema\. /)
  })

  it('Extract Structured Data validates the output against a JSON schema', async () => {
    const input = { model: 'gpt-5.5', text: 'The invoice of Ada: tea 2.50' }
    const item = { type: 'object', properties: { price: { type: 'number' }, tags: { type: 'array' } } }
    const jsonSchema = { type: 'object', properties: { items: { type: 'array', items: item } }, required: ['items'] }
    const valid = await run('utility-ai', 'extract_structured_data', { ...input, jsonSchema })
    expect(extractOutput.parse(valid.output).data).toMatchObject({ items: [{ price: 2.5 }] })
    const strict = { ...jsonSchema, required: ['items', 'due_date'], properties: { due_date: { type: 'string' } } }
    const { error } = await run('utility-ai', 'extract_structured_data', { ...input, jsonSchema: strict })
    expect(error).toMatchObject({ code: 'invalid-object' })
    expect(error?.message).toMatch(/^The model's output does not match the JSON schema: due_date: .* [A-Z]\w+ /)
    const invalid = { type: 'object', properties: { a: { type: 'strnig' } } }
    const refused = await run('utility-ai', 'extract_structured_data', { ...input, jsonSchema: invalid })
    expect(refused.error?.message).toMatch(/^Invalid JSON schema at properties\.a: unknown type "strnig"\. /)
  })

  it('Check Moderation uses the moderation endpoint for its models and a text model otherwise', async () => {
    const endpoint = { model: 'omni-moderation-latest', text: 'an insult' }
    const own = moderationOutput.parse((await run('utility-ai', 'check_moderation', endpoint)).output)
    expect(own).toMatchObject({ flagged: true, by: 'moderation', usage: {}, warnings: [] })
    const answer = { model: 'gpt-5.5', text: 'judge this' }
    expect(moderationOutput.parse((await run('utility-ai', 'check_moderation', answer)).output)).toMatchObject({
      flagged: true,
      categories: { harassment: true, 'sexual/minors': false },
      scores: { harassment: 0.7, 'self-harm': 0 },
      by: 'answer',
      usage: { promptTokens: expect.any(Number) },
      warnings: [],
    })
  })
})

it('does not name parameters of the library in error messages', async () => {
  await server.connections.save({ provider: 'groq', baseUrl: vendor.url, apiKey: 'gsk-test', emulated: true })
  const pdf = { filename: 'a.pdf', base64: Buffer.from('%PDF-1.4 …').toString('base64') }
  const input = { provider: 'groq', model: 'openai/gpt-oss-120b', prompt: 'What is this?', files: [{ file: pdf }] }
  const { error } = await run('text-ai', 'ask_ai', input)
  expect(error?.message).toMatch(/^groq: this vendor does not accept files\. [A-Z]/)
  await server.connections.save({ provider: 'mistral', baseUrl: vendor.url, apiKey: 'k', emulated: true })
  const images = { provider: 'mistral', model: 'mistral-moderation-latest', images: [{ image: png }] }
  const refused = await run('utility-ai', 'check_moderation', images)
  expect(refused.error?.message).toMatch(/^mistral: The input is an image; mistral-moderation-latest moderates/)
})

it('rejects a provider that does not support the action before sending anything', async () => {
  await server.connections.save({ provider: 'anthropic', baseUrl: vendor.url, apiKey: 'sk-test', emulated: true })
  vendor.clearRequests()
  const { error } = await run('image-ai', 'generate_image', { provider: 'anthropic', model: 'x', prompt: 'A piece' })
  expect(error).toMatchObject({ code: 'unsupported', actor: 'flow-author' })
  expect(vendor.getRequests()).toEqual([])
})
