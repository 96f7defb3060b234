import { describe, expect, it } from 'vitest'
import { AI } from '../src/index.ts'
import {
  type Answer,
  ASK,
  chatCompletion,
  chunk,
  collect,
  json,
  message,
  thrownBy,
  useVendor,
  type Vendor,
} from './vendor.ts'

const vendor = await useVendor()

const ok = {
  openai: json(chatCompletion({ content: 'Yes.' })),
  anthropic: json(message([{ type: 'text', text: 'Yes.' }])),
}

async function sent(provider: 'openai' | 'anthropic', params: object) {
  vendor.answerWith(ok[provider])
  const completion = await vendor[provider]().chat.text({ ...ASK, ...params })
  return { body: vendor.requests[0]?.body ?? {}, warnings: completion.warnings }
}

describe('files', () => {
  const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('more')])
  const pdf = Buffer.from('%PDF-1.7 …')
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image', image: { url: 'https://example.com/cat.png' } },
    { type: 'image', image: { base64: png.toString('base64'), mediaType: 'image/png' } },
    { type: 'file', file: { filename: 'report.pdf', data: pdf, extension: 'pdf' } },
  ]

  it('go to OpenAI by URL, base64 and as PDF (M01, M02, M04)', async () => {
    const { body } = await sent('openai', { messages: [{ role: 'user', content }] })
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${png.toString('base64')}` } },
          {
            type: 'file',
            file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${pdf.toString('base64')}` },
          },
        ],
      },
    ])
  })

  it('go to Anthropic by URL, base64 and as PDF (M01, M02, M04)', async () => {
    const { body } = await sent('anthropic', { messages: [{ role: 'user', content }] })
    expect(body['messages']).toMatchObject([
      {
        content: [
          { type: 'text' },
          { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png' } },
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf' }, title: 'report.pdf' },
        ],
      },
    ])
  })

  it.each([
    [
      { type: 'image', image: { filename: 'notes.tiff', data: Buffer.from('II*\0') } },
      'invalid-request',
      'messages[0].content[0].image (notes.tiff) is of an unknown type; expected image/png, image/jpeg, image/gif, image/webp.',
    ],
    [
      { type: 'image', image: { base64: 'AAAA', mediaType: 'image/bmp' } },
      'invalid-request',
      'messages[0].content[0].image is image/bmp; expected image/png, image/jpeg, image/gif, image/webp.',
    ],
    [
      {
        type: 'file',
        file: { filename: 'big.pdf', base64: 'A'.repeat(45 * 1024 * 1024), mediaType: 'application/pdf' },
      },
      'too-large',
      /^messages\[0\]\.content\[0\]\.file \(big\.pdf\) has \d+ bytes; the maximum is 33554432\.$/,
    ],
    [{ type: 'sound' }, 'invalid-request', 'messages[0].content[0].type is "sound"; expected text, image, file.'],
  ])('that cannot be used are named (M03)', async (part, code, words) => {
    vendor.answerWith(ok.openai)
    // SAFETY: wrong on purpose.
    const params = { ...ASK, messages: [{ role: 'user', content: [part] }] } as unknown as Parameters<
      ReturnType<Vendor['openai']>['chat']['text']
    >[0]
    const error = await thrownBy(() => vendor.openai().chat.text(params))
    expect(error).toMatchObject({ code, message: typeof words === 'string' ? words : expect.stringMatching(words) })
    expect(vendor.requests).toEqual([])
  })
})

describe('reasoningEffort', () => {
  it('goes to OpenAI, and what a model does not know is left out', async () => {
    expect((await sent('openai', { model: 'gpt-5.5', reasoningEffort: 'high' })).body['reasoning_effort']).toBe('high')
    const { body, warnings } = await sent('openai', { model: 'gpt-5.5', reasoningEffort: 'max' })
    expect(body).not.toHaveProperty('reasoning_effort')
    expect(warnings).toMatchObject([
      {
        parameter: 'reasoningEffort',
        message: 'reasoningEffort dropped: gpt-5.5 supports none, low, medium, high, xhigh, not max.',
      },
    ])
  })

  it('goes to Anthropic as effort or as a budget below the maximum', async () => {
    expect((await sent('anthropic', { model: 'claude-sonnet-5-5', reasoningEffort: 'xhigh' })).body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'xhigh' },
    })
    const budget = await sent('anthropic', {
      model: 'claude-haiku-4-5',
      reasoningEffort: 'high',
      creativity: 50,
      maxTokens: 5_000,
    })
    expect(budget.body).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 4_999 }, max_tokens: 5_000 })
    expect(budget.body).not.toHaveProperty('temperature')
    expect(budget.warnings).toMatchObject([
      { parameter: 'creativity', message: 'creativity dropped: claude-haiku-4-5 does not support it while reasoning.' },
    ])
    expect((await sent('anthropic', { model: 'claude-haiku-4-5', reasoningEffort: 'none' })).body['thinking']).toEqual({
      type: 'disabled',
    })
  })
})

it('cache hints mark the last block for Anthropic and are not sent to OpenAI', async () => {
  const messages = [
    { role: 'system', content: 'Long rules.', cache: 'long' },
    { role: 'user', content: 'Hi', cache: 'short' },
  ]
  expect((await sent('anthropic', { messages })).body).toMatchObject({
    system: [{ type: 'text', text: 'Long rules.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral', ttl: '5m' } }] },
    ],
  })
  const { body, warnings } = await sent('openai', { messages })
  expect(JSON.stringify(body)).not.toContain('cache')
  expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'cache' }])
})

it.each(['openai', 'anthropic'] as const)(
  'advancedOptions are put into the request of %s as they are, last (R12)',
  async (provider) => {
    const { body } = await sent(provider, {
      advancedOptions: { service_tier: 'flex', top_p: 0.5, metadata: { a: 'b' } },
    })
    expect(body).toMatchObject({ service_tier: 'flex', top_p: 0.5, metadata: { a: 'b' } })
  },
)

describe('timeout (A05)', () => {
  const silent: Answer = () => {}
  const headThen =
    (then: (write: (text: string) => void) => void): Answer =>
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      then((text) => response.write(text))
    }
  const delta = `data: ${JSON.stringify(chunk({ content: 'A' }))}\n\n`

  it.each([
    ['connect', silent],
    ['firstToken', headThen(() => {})],
    ['idle', headThen((write) => write(delta))],
    ['total', headThen((write) => setInterval(() => write(delta), 20).unref())],
  ] as const)('%s is named in the error of a stream', async (limit, answer) => {
    vendor.answerWith(answer)
    const error = await thrownBy(() =>
      collect(vendor.openai().chat.stream({ ...ASK, timeout: { [limit]: 80 }, retries: 0 })),
    )
    expect(error).toMatchObject({
      code: 'timeout',
      parameter: `timeout.${limit}`,
      message: `The call exceeded its ${limit} timeout of 80 ms.`,
      provider: 'openai',
    })
  })

  it.each(['connect', 'total'] as const)('%s is named in the error of a plain call', async (limit) => {
    vendor.answerWith(silent)
    const error = await thrownBy(() => vendor.anthropic().chat.text({ ...ASK, timeout: { [limit]: 80 }, retries: 0 }))
    expect(error).toMatchObject({ code: 'timeout', parameter: `timeout.${limit}` })
  })

  it('that does not pass changes nothing', async () => {
    vendor.answerWith(ok.openai)
    const timeout = { connect: 5_000, firstToken: 5_000, idle: 5_000, total: 5_000 }
    const events = await collect(vendor.openai().chat.stream({ ...ASK, timeout }))
    expect(events.at(-1)).toMatchObject({ completeness: 'complete', completion: { choices: [{ content: 'Yes.' }] } })
  })
})

it('retries are as many as the caller says', async () => {
  const tooFast = json({ error: { message: 'Slow' } }, 429, { 'retry-after': '0' })
  for (const retries of [0, 1]) {
    vendor.answerWith(tooFast)
    await thrownBy(() => vendor.openai().chat.text({ ...ASK, retries }))
    expect(vendor.requests).toHaveLength(retries + 1)
  }
})

describe('explain', () => {
  it('tells the exact request and each change, without sending it', async () => {
    vendor.answerWith(ok.openai)
    const params = { ...ASK, model: 'gpt-5.5', creativity: 50, maxTokens: 10 }
    const { changes, ...request } = await vendor.openai().explain(params)
    expect(vendor.requests).toEqual([])
    expect(changes).toEqual([
      { type: 'left-out', parameter: 'creativity', message: 'creativity dropped: gpt-5.5 does not support it.' },
      { type: 'renamed', parameter: 'maxTokens', message: 'maxTokens → max_completion_tokens' },
    ])
    await vendor.openai().chat.text(params)
    expect(vendor.requests[0]).toMatchObject({
      method: request.method,
      path: `/api/v1/ai-providers/proxy/openai${request.path}`,
      body: request.body,
    })
    expect(await vendor.anthropic().explain(ASK, { stream: true })).toMatchObject({
      method: 'POST',
      path: '/v1/messages',
      body: { stream: true },
    })
  })
})

it('cost comes from a table of prices; what is not known is undefined', async () => {
  const ai = AI({ provider: 'openai', server: { apiUrl: vendor.apiUrl, token: 't' } })
  const usage = { promptTokens: 1_000, completionTokens: 100, totalTokens: 1_100 }
  const cost = await ai.cost({ model: 'gpt-5.5-2026-04-23', usage })
  expect(cost).toMatchObject({ currency: 'USD', pricedAs: 'gpt-5.5' })
  expect(cost?.total).toBeCloseTo((cost?.input ?? 0) + (cost?.output ?? 0))
  expect(await ai.cost({ model: 'a-model-of-tomorrow', usage })).toBeUndefined()
  expect(await ai.cost({ model: 'gpt-5.5', usage: { ...usage, promptTokens: undefined } })).toBeUndefined()
})
