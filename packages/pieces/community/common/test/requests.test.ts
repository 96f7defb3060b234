import { beforeEach, describe, expect, it } from 'vitest'
import { AI, AIError, AiProviders } from '../src/index.ts'
import { ASK, chatCompletion, json, message, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const VENDORS = [
  { provider: 'openai', path: '/v1/chat/completions', reply: chatCompletion({ content: 'A building block.' }) },
  { provider: 'anthropic', path: '/v1/messages', reply: message([{ type: 'text', text: 'A building block.' }]) },
] as const

describe.each(VENDORS)('a request to $provider', ({ provider, path, reply }) => {
  beforeEach(() => vendor.answerWith(json(reply)))
  const call = (params: object = {}, apiUrl = vendor.apiUrl) =>
    AI({ provider, server: { apiUrl, token: 'engine-token-1' } }).chat.text({ ...ASK, ...params })
  const sent = () => vendor.requests[0]?.body ?? {}

  it('goes to our proxy, whether apiUrl ends with a slash or not (R01)', async () => {
    await call()
    await call({}, vendor.apiUrl.replace(/\/$/, ''))
    expect(vendor.requests.map((request) => request.path)).toEqual(
      Array(2).fill(`/api/v1/ai-providers/proxy/${provider}${path}`),
    )
  })

  it('carries the engine token and no other credential (R03)', async () => {
    await call()
    const headers = vendor.requests[0]?.headers ?? {}
    expect(headers.authorization).toBe('Bearer engine-token-1')
    const others = Object.keys(headers).filter((name) => /key|token|cookie|organization|project/.test(name))
    expect(others).toEqual([])
  })

  it('goes to one of several connections of the vendor', async () => {
    await AI({ provider: `${provider}@my-gateway`, server: { apiUrl: vendor.apiUrl, token: 't' } }).chat.text(ASK)
    expect(vendor.requests[0]?.path).toBe(`/api/v1/ai-providers/proxy/${provider}@my-gateway${path}`)
  })

  it('leaves out what is not set (R04)', async () => {
    await call({ creativity: undefined, maxTokens: undefined, stop: [], signal: undefined })
    expect(sent()).not.toHaveProperty('temperature')
    expect(sent()).not.toHaveProperty('stop')
    expect(sent()).not.toHaveProperty('stop_sequences')
    expect(JSON.stringify(sent())).not.toContain('null')
  })

  it('sends the same bytes for the same call (R14)', async () => {
    await call({ creativity: 10 })
    await call({ creativity: 10 })
    expect(JSON.stringify(vendor.requests[0]?.body)).toBe(JSON.stringify(vendor.requests[1]?.body))
  })

  it('keeps the whole conversation, two user messages in a row too (M2, R07)', async () => {
    const messages = [
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two' },
      { role: 'user', content: 'Three' },
      { role: 'user', content: 'Four' },
    ]
    await call({ messages })
    expect(sent()['messages']).toEqual(messages)
  })

  it('carries unicode unharmed (R10)', async () => {
    const content = 'مرحبا 👩‍👩‍👧‍👦 日本語 \u0000 \ud800 "quoted"'
    await call({ messages: [{ role: 'user', content }] })
    expect(sent()['messages']).toEqual([{ role: 'user', content }])
  })

  it.each([
    [{ creativity: -1 }, 'creativity', 'creativity is -1; expected a number from 0 to 100.'],
    [{ creativity: 101 }, 'creativity', 'creativity is 101; expected a number from 0 to 100.'],
    [{ creativity: '50' }, 'creativity', 'creativity is "50"; expected a number from 0 to 100.'],
    [{ maxTokens: 0 }, 'maxTokens', 'maxTokens is 0; expected an integer of at least 1.'],
    [{ stop: [''] }, 'stop', 'stop is a list of 1; expected a list of non-empty strings.'],
    [{ model: '' }, 'model', 'model is ""; expected the id of a model.'],
    [{ messages: [] }, 'messages', 'messages is a list of 0; expected a list of at least one message.'],
    [
      { messages: [{ role: 'bot', content: 'x' }] },
      'messages[0].role',
      'messages[0].role is "bot"; expected system, user, assistant, tool.',
    ],
    [
      { messages: [{ role: 'user', content: null }] },
      'messages[0].content',
      'messages[0].content is null; expected a string or a list of parts.',
    ],
    [
      { temperature: 1 },
      'temperature',
      expect.stringMatching(/^temperature is not a parameter of this call; allowed: model, messages, creativity, /),
    ],
  ])('refuses %j before anything is sent, and says what is allowed', async (wrong, parameter, words) => {
    const error = await thrownBy(() => call(wrong))
    expect(error).toBeInstanceOf(AIError)
    expect(error).toMatchObject({ code: 'invalid-request', actor: 'flow-author', parameter, message: words, provider })
    expect(vendor.requests).toEqual([])
  })

  it('aborted before: nothing is sent (A01)', async () => {
    expect(await thrownBy(() => call({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'aborted' })
    expect(vendor.requests).toEqual([])
  })
})

describe('what OpenAI gets', () => {
  beforeEach(() => vendor.answerWith(json(chatCompletion({ content: 'Yes.' }))))
  const call = (params: object) => vendor.openai().chat.text({ ...ASK, ...params })

  it('system text in its place, once, never empty (M1)', async () => {
    const messages = [
      { role: 'system' as const, content: '' },
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Hi' },
    ]
    await call({ messages })
    await call({ messages, model: 'gpt-5.5' })
    expect(vendor.requests[0]?.body['messages']).toEqual(messages.slice(1))
    expect(vendor.requests[1]?.body['messages']).toEqual([{ role: 'developer', content: 'Be brief.' }, messages[2]])
  })

  it('creativity linear onto 0–2 (M3)', async () => {
    for (const creativity of [0, 3, 50, 100]) await call({ creativity })
    expect(vendor.requests.map((request) => request.body['temperature'])).toEqual([0, 0.06, 1, 2])
  })

  it('max_completion_tokens, and neither temperature nor stop for a model that refuses them (M4)', async () => {
    const completion = await call({ model: 'gpt-5.5', creativity: 50, maxTokens: 10, stop: ['x'] })
    expect(vendor.requests[0]?.body).toEqual({ model: 'gpt-5.5', messages: ASK.messages, max_completion_tokens: 10 })
    expect(completion.warnings).toEqual([
      { type: 'left-out', parameter: 'creativity', message: 'creativity dropped: gpt-5.5 does not support it.' },
      { type: 'left-out', parameter: 'stop', message: 'stop dropped: gpt-5.5 does not support it.' },
    ])
  })
})

describe('what Anthropic gets', () => {
  beforeEach(() => vendor.answerWith(json(message([{ type: 'text', text: 'Yes.' }]))))
  const call = (params: object) => vendor.anthropic().chat.text({ ...ASK, ...params })

  it('system text in `system`, once, never empty (M1)', async () => {
    const user = { role: 'user' as const, content: 'Hi' }
    await call({ messages: [{ role: 'system', content: 'Be brief.' }, user, { role: 'system', content: 'Be kind.' }] })
    await call({ messages: [{ role: 'system', content: '' }, user] })
    expect(vendor.requests[0]?.body).toMatchObject({ system: 'Be brief.\n\nBe kind.', messages: [user] })
    expect(vendor.requests[1]?.body).not.toHaveProperty('system')
  })

  it('a clear error when there is nothing but system text', async () => {
    const error = await thrownBy(() => call({ messages: [{ role: 'system', content: 'Be brief.' }] }))
    expect(error).toMatchObject({ code: 'invalid-request', parameter: 'messages' })
  })

  it('creativity linear onto 0–1, and none for a model that refuses it (M3, M4)', async () => {
    for (const creativity of [0, 3, 50, 100]) await call({ creativity })
    expect(vendor.requests.map((request) => request.body['temperature'])).toEqual([0, 0.03, 0.5, 1])
    const completion = await call({ model: 'claude-sonnet-5-5', creativity: 50 })
    expect(vendor.requests[4]?.body).not.toHaveProperty('temperature')
    expect(completion.warnings).toMatchObject([{ type: 'left-out', parameter: 'creativity' }])
  })

  const EMPTY = [
    ['an empty text', ''],
    ['an empty list', []],
    ['a list of empty texts', [{ type: 'text', text: '' }]],
    ['white space', ' \n\t'],
  ] as const

  it.each(EMPTY)('no prompt that is %s: a clear error before the call (R11)', async (_form, content) => {
    const error = await thrownBy(() => call({ messages: [...ASK.messages, { role: 'user', content }] }))
    const words = 'messages[1].content is empty; this vendor does not accept empty messages.'
    expect(error).toMatchObject({ code: 'invalid-request', parameter: 'messages[1].content', message: words })
    expect(vendor.requests).toEqual([])
  })

  it('no empty text beside others: it is left out, and a warning says so (R11)', async () => {
    const image = { type: 'image', image: { url: 'https://example.com/a.png' } }
    const { warnings } = await call({ messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }, image] }] })
    expect(vendor.requests[0]?.body['messages']).toMatchObject([{ role: 'user', content: [{ type: 'image' }] }])
    expect(warnings).toMatchObject([{}, { type: 'left-out', parameter: 'messages[0].content' }])
  })

  it.each(['', ' \n'])(
    'no empty reply of an earlier call, %j: the conversation goes on without it (R11)',
    async (content) => {
      const [user] = ASK.messages
      const { warnings } = await call({ messages: [user, { role: 'assistant', content }, user] })
      expect(vendor.requests[0]?.body['messages']).toEqual([user, user])
      expect(warnings).toMatchObject([{}, { type: 'left-out', parameter: 'messages[1]' }])
    },
  )

  it('no white space as system text, or beside a tool call (R11)', async () => {
    const toolCalls = [{ id: 'a', name: 'now', arguments: {} }]
    const history = [
      { role: 'system', content: ' ' },
      ...ASK.messages,
      { role: 'assistant', content: '\n', toolCalls },
      { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: '' }] },
    ]
    await call({ messages: history, tools: [{ name: 'now' }] })
    expect(vendor.requests[0]?.body).not.toHaveProperty('system')
    expect(vendor.requests[0]?.body['messages']).toEqual([
      ...ASK.messages,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'now', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: [] }] },
    ])
  })

  it("the model's own limit when no maximum is given", async () => {
    for (const model of ['claude-sonnet-5-5', 'claude-haiku-4-5']) expect((await call({ model })).warnings).toEqual([])
    const unknown = await call({ model: 'claude-of-tomorrow' })
    await call({ model: 'claude-sonnet-5-5', maxTokens: 7 })
    expect(vendor.requests.map((request) => request.body['max_tokens'])).toEqual([128_000, 64_000, 64_000, 7])
    expect(unknown.warnings).toMatchObject([{ type: 'changed', parameter: 'maxTokens' }])
  })
})

describe('AI()', () => {
  it('lists the known providers when it is given another', () => {
    const server = { apiUrl: 'http://127.0.0.1/', token: 't' }
    expect(() => AI({ provider: 'nobody' as string, server })).toThrow(
      expect.objectContaining({
        code: 'unknown-provider',
        message: `Unknown AI provider "nobody". Known: ${AiProviders.map(({ value }) => value).join(', ')}.`,
      }),
    )
  })

  it('wants a token before any I/O (S07)', () => {
    expect(() => AI({ provider: 'openai', server: { apiUrl: 'http://127.0.0.1/', token: '' } })).toThrow(AIError)
  })

  it('hands out the official client, pointed at our proxy', async () => {
    vendor.answerWith(json({ object: 'list', data: [{ id: 'gpt-5.5', object: 'model' }] }))
    const client = await vendor.openai().sdk()
    const page = await client.models.list()
    expect(page.data.map((model) => model.id)).toEqual(['gpt-5.5'])
    expect(vendor.requests[0]).toMatchObject({ method: 'GET', path: '/api/v1/ai-providers/proxy/openai/v1/models' })
  })
})
