import { describe, expect, it } from 'vitest'
import {
  AI,
  type AIChatCompletionsCreateParams,
  type AIChatMessage,
  type AIContentPart,
  AIError,
  type AIWarning,
  AiProviders,
  capabilitiesOf,
} from '../src/index.ts'
import { ASK, collect, json, sse, useVendor } from './vendor.ts'

const vendor = await useVendor()
const server = { apiUrl: vendor.apiUrl, token: 't' }

type Params = Partial<AIChatCompletionsCreateParams>

/** Keywords that at least one vendor does not take. */
const parameters = {
  type: 'object',
  properties: {
    n: { type: 'number', exclusiveMinimum: 0, multipleOf: 5 },
    name: { type: 'string', pattern: '^a', minLength: 2, format: 'hostname' },
    list: { type: 'array', items: { not: { type: 'null' } }, uniqueItems: true },
  },
  required: ['n'],
  propertyNames: { maxLength: 9 },
}
const tools = [{ name: 'pay', description: 'Pays.', parameters }, { name: 'wait' }]
const conversation = (assistant: object): AIChatMessage[] => [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: '', ...assistant },
  { role: 'user', content: 'And?' },
]
const called = (call: object, result: object): AIChatMessage[] => [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'wait', arguments: {}, ...call }] },
  { role: 'tool', toolCallId: 'call_1', content: 'Done.', ...result },
]
const PNG = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
const PDF = Buffer.from('%PDF-1.7').toString('base64')
const asked = (...parts: AIContentPart[]): AIChatMessage[] => [
  { role: 'user', content: [{ type: 'text', text: 'What is this?' }, ...parts] },
]

/** An option, what the call has without it, and with it. */
const OPTIONS: [string, Params, Params][] = [
  ['creativity', {}, { creativity: 40 }],
  ['maxTokens', {}, { maxTokens: 123 }],
  ['stop', {}, { stop: ['END'] }],
  ...(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const).map(
    (reasoningEffort): [string, Params, Params] => [`reasoningEffort ${reasoningEffort}`, {}, { reasoningEffort }],
  ),
  ['reasoningEffort beside few tokens', { maxTokens: 9 }, { maxTokens: 9, reasoningEffort: 'high' }],
  ['webSearch', {}, { webSearch: true }],
  ['tools', {}, { tools }],
  ['toolChoice auto', { tools }, { tools, toolChoice: 'auto' }],
  ['toolChoice any', { tools }, { tools, toolChoice: 'any' }],
  ['toolChoice none', { tools }, { tools, toolChoice: 'none' }],
  ['toolChoice of one tool', { tools }, { tools, toolChoice: { tool: 'pay' } }],
  ['toolChoice without tools', {}, { toolChoice: 'none' }],
  ['parallelToolCalls true', { tools }, { tools, parallelToolCalls: true }],
  ['parallelToolCalls false', { tools }, { tools, parallelToolCalls: false }],
  ['parallelToolCalls without tools', {}, { parallelToolCalls: false }],
  ['advancedOptions', {}, { advancedOptions: { seed: 7, metadata: { a: 'b' } } }],
  ['advancedOptions.stream', {}, { advancedOptions: { stream: true } }],
  ['advancedOptions.stream_options', {}, { advancedOptions: { stream_options: { extra: 1 } } }],
  [
    'cache',
    { messages: [{ role: 'user', content: 'Hi' }] },
    { messages: [{ role: 'user', content: 'Hi', cache: 'long' }] },
  ],
  ['refusal', { messages: conversation({}) }, { messages: conversation({ refusal: 'No.' }) }],
  [
    'refusal beside a text',
    { messages: conversation({ content: 'Well.' }) },
    { messages: conversation({ content: 'Well.', refusal: 'No.' }) },
  ],
  [
    'phase',
    { messages: conversation({ content: 'Well.' }) },
    { messages: conversation({ content: 'Well.', phase: 'commentary' }) },
  ],
  [
    'reasoning',
    { messages: conversation({ content: 'Well.' }) },
    { messages: conversation({ content: 'Well.', reasoning: [{ text: 'Hm.' }] }) },
  ],
  [
    'signature of a tool call',
    { tools, messages: called({}, {}) },
    { tools, messages: called({ signature: 'c2lnbmVk' }, {}) },
  ],
  ['isError', { tools, messages: called({}, {}) }, { tools, messages: called({}, { isError: true }) }],
  [
    'an image',
    { messages: asked() },
    { messages: asked({ type: 'image', image: { base64: PNG, mediaType: 'image/png' } }) },
  ],
  [
    'an image by URL',
    { messages: asked() },
    { messages: asked({ type: 'image', image: { url: 'https://example.com/a.png' } }) },
  ],
  [
    'a PDF',
    { messages: asked() },
    { messages: asked({ type: 'file', file: { base64: PDF, mediaType: 'application/pdf' } }) },
  ],
  [
    'a PDF by URL',
    { messages: asked() },
    { messages: asked({ type: 'file', file: { url: 'https://example.com/a.pdf' } }) },
  ],
]

/** Every provider with a chat, by its first model and by one that the registry does not know. */
const TARGETS = AiProviders.filter(({ models }) =>
  models.some((model) => capabilitiesOf(model).includes('text')),
).flatMap(({ value, models }) => [
  [value, models.find((model) => capabilitiesOf(model).includes('text'))?.value ?? ''] as const,
  [value, 'a-model-of-tomorrow'] as const,
])

describe.each(TARGETS)('%s with %s', (provider, model) => {
  const explained = async (params: Params, stream: boolean) => {
    try {
      return await AI({ provider, server }).explain({ ...ASK, model, ...params }, { stream })
    } catch (error) {
      if (error instanceof AIError) return error
      throw error
    }
  }

  it.each(OPTIONS)('sends, warns of or refuses %s', async (_name, without, given) => {
    for (const stream of [false, true]) {
      const [plain, outcome] = [await explained(without, stream), await explained(given, stream)]
      if (plain instanceof AIError || outcome instanceof AIError) {
        expect(outcome).toMatchObject({ code: expect.stringMatching(/^(unsupported|invalid-request)$/) })
        expect((outcome as AIError).parameter).toBeTruthy()
        continue
      }
      const told = ({ changes }: typeof outcome) =>
        changes.filter(({ type }) => type !== 'renamed').map(({ message }) => message)
      const news = told(outcome).filter((message) => !told(plain).includes(message))
      const isSent = JSON.stringify(outcome.body) !== JSON.stringify(plain.body)
      expect(isSent || news.length > 0, `sent ${JSON.stringify(outcome.body)}`).toBe(true)
    }
  })

  it('sends each keyword of a tool’s schema, or names it in a warning', async () => {
    const outcome = await explained({ tools }, false)
    if (outcome instanceof AIError) return expect(outcome).toMatchObject({ code: 'unsupported', parameter: 'tools' })
    const sent = JSON.stringify(outcome.body)
    const warned = outcome.changes.filter(({ type }) => type === 'changed').map(({ message }) => message)
    for (const keyword of [
      'exclusiveMinimum',
      'multipleOf',
      'pattern',
      'minLength',
      'format',
      'not',
      'uniqueItems',
      'propertyNames',
    ]) {
      const isTold = warned.some((message) => message.includes(keyword))
      expect(sent.includes(`"${keyword}"`) || isTold, keyword).toBe(true)
    }
  })
})

describe('the warnings of a request', () => {
  const REPLY = { candidates: [{ content: { parts: [{ text: 'Yes.' }] }, finishReason: 'STOP' }] }
  const gemini = AI({ provider: 'gemini', server }).chat

  it('are in a completion and in the end event of a stream', async () => {
    const params = { ...ASK, model: 'gemini-3.8-flash', tools }
    const warning = {
      type: 'changed',
      parameter: 'tools[0].parameters',
      message: expect.stringContaining('multipleOf'),
    }
    vendor.answerWith(json(REPLY))
    expect((await gemini.text(params)).warnings).toMatchObject([warning])
    vendor.answerWith(sse([REPLY]))
    expect((await collect(gemini.stream(params))).at(-1)).toMatchObject({ completion: { warnings: [warning] } })
  })

  it('name reasoning that only another vendor can read, next to reasoning that is sent', async () => {
    const reasoning = [{ text: 'Hm.' }, { text: '', encrypted: 'x', signedBy: 'anthropic' }]
    const messages = conversation({ content: 'Well.', reasoning })
    const explained = await AI({ provider: 'deepseek', server }).explain({ model: 'deepseek-reasoner', messages })
    expect(JSON.stringify(explained.body)).toContain('Hm.')
    expect(explained.changes).toMatchObject([{ type: 'left-out', parameter: 'reasoning' }])
  })

  it('name the keywords of an output schema that the vendor does not know', async () => {
    const schema = { type: 'object', properties: { n: { type: 'number', multipleOf: 5 } }, required: ['n'] }
    vendor.answerWith(json({ candidates: [{ content: { parts: [{ text: '{"n":5}' }] }, finishReason: 'STOP' }] }))
    const { completion } = await gemini.object({ ...ASK, model: 'gemini-3.8-flash', schema, name: 'amount' })
    const expected: Partial<AIWarning>[] = [{ type: 'changed', parameter: 'schema' }]
    expect(completion.warnings).toMatchObject(expected)
    expect(vendor.requests[0]?.text).toContain('"title":"amount"')
  })

  it('report that an image has an aspect ratio instead of a size', async () => {
    const part = { inlineData: { mimeType: 'image/png', data: PNG } }
    vendor.answerWith(json({ candidates: [{ content: { parts: [part] }, finishReason: 'STOP' }] }))
    const { image } = AI({ provider: 'gemini', server })
    const made = await image?.generate({ model: 'gemini-3-pro-image', prompt: 'A cat', size: '1024x1536' })
    expect(made?.warnings).toMatchObject([{ type: 'changed', parameter: 'size' }])
  })
})
