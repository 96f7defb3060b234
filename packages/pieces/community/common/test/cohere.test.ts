// Cohere's chat, version 2: what is its own. What every wire owes is in the conformance suite.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { AI, type AIChatMessage, listModels } from '../src/index.ts'
import { type Answer, collect, json, sse, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()
const server = { apiUrl: vendor.apiUrl, token: 'engine-token-1' }
const cohere = () => AI({ provider: 'cohere', server })
const QUESTION = { role: 'user' as const, content: 'What is a piece?' }
const ASK = { model: 'command-a-03-2025', messages: [QUESTION] }
const ask = (answer: Answer, params: object = {}) => {
  vendor.answerWith(answer)
  return cohere().chat.text({ ...ASK, retries: 0, ...params })
}
const sent = async (params: object) => {
  const { warnings } = await ask(json(reply({ content: [{ type: 'text', text: 'Yes.' }] })), params)
  return { body: vendor.requests[0]?.body ?? {}, warnings }
}

function reply(message: object, rest: object = {}) {
  return { id: 'reply-1', message: { role: 'assistant', ...message }, finish_reason: 'COMPLETE', ...rest }
}

const call = { id: 'look_up_x9cnz', type: 'function', function: { name: 'look_up', arguments: '{"word":"piece"}' } }
const tool = { name: 'look_up', parameters: { type: 'object', properties: { word: { type: 'string' } } } }

describe('a request', () => {
  it('has its parameters in their place (M3, M4)', async () => {
    const { body } = await sent({ creativity: 50, maxTokens: 100, stop: ['.'], model: 'command-r7b-12-2024' })
    expect(body).toEqual({
      model: 'command-r7b-12-2024',
      messages: [QUESTION],
      temperature: 0.5,
      max_tokens: 100,
      stop_sequences: ['.'],
      stream: false,
    })
  })

  it('asks for a tool by name with that tool alone, and leaves `auto` unsaid (T07)', async () => {
    const tools = [tool, { name: 'other' }]
    const named = await sent({ tools, toolChoice: { tool: 'look_up' } })
    expect(named.body).toMatchObject({ tools: [{ function: { name: 'look_up' } }], tool_choice: 'REQUIRED' })
    const auto = await sent({ tools, toolChoice: 'auto' })
    expect(auto.body['tools']).toHaveLength(2)
    expect(auto.body).not.toHaveProperty('tool_choice')
  })

  it('thinks by a budget, or not at all', async () => {
    const model = 'command-a-reasoning-08-2025'
    expect((await sent({ model, reasoningEffort: 'low' })).body['thinking']).toEqual({
      type: 'enabled',
      token_budget: 2_048,
    })
    expect((await sent({ model, reasoningEffort: 'none' })).body['thinking']).toEqual({ type: 'disabled' })
    const { body, warnings } = await sent({ reasoningEffort: 'low' })
    expect(body).not.toHaveProperty('thinking')
    expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'reasoningEffort' }])
  })

  describe('takes thoughts back (M5)', () => {
    const toolCalls = [{ id: 'a', name: 'look_up', arguments: {} }]
    const said: AIChatMessage = { role: 'assistant', content: 'Yes.', reasoning: [{ text: 'Hm.' }] }
    const called: AIChatMessage[] = [
      { ...said, content: '', toolCalls },
      { role: 'tool', toolCallId: 'a', content: 'Found.' },
    ]
    const back = async (model: string, ...messages: AIChatMessage[]) => {
      const { body, warnings } = await sent({ model, messages: [QUESTION, ...messages, QUESTION] })
      return { message: listOf(body['messages'])[1], warnings }
    }

    it.each(['command-a-plus-05-2026', 'command-a-reasoning-08-2025'])('%s: as a part, never a plan', async (model) => {
      const thought = { type: 'thinking', thinking: 'Hm.' }
      const text = { type: 'text', text: 'Yes.' }
      const first = await back(model, said)
      expect(first).toEqual({ message: { role: 'assistant', content: [thought, text] }, warnings: [] })
      const { message } = await back(model, ...called)
      expect(message).toMatchObject({ content: [thought], tool_calls: [{ id: 'a' }] })
      expect(message).not.toHaveProperty('tool_plan')
    })

    it('a model that does not think: as the plan of its calls, and nowhere else', async () => {
      const model = 'command-a-03-2025'
      expect((await back(model, ...called)).message).toMatchObject({ tool_plan: 'Hm.', tool_calls: [{ id: 'a' }] })
      const { message, warnings } = await back(model, said)
      expect(message).toEqual({ role: 'assistant', content: 'Yes.' })
      expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'reasoning' }])
    })

    it('a model that nobody has heard of: not at all, and the caller is told', async () => {
      const { message, warnings } = await back('command-of-tomorrow', ...called)
      expect(message).toMatchObject({ role: 'assistant', tool_calls: [{ id: 'a' }] })
      expect(message).not.toHaveProperty('tool_plan')
      expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'reasoning' }])
    })
  })
})

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

describe('quirk 39: what Cohere really sends', () => {
  it('reasons in capitals, and tokens apart from billed units', async () => {
    const usage = {
      billed_units: { input_tokens: 57, output_tokens: 20 },
      tokens: { input_tokens: 1490, output_tokens: 94, reasoning_tokens: 56 },
      cached_tokens: 112,
    }
    const answer = reply({ tool_plan: 'I will look.', tool_calls: [call] }, { finish_reason: 'TOOL_CALL', usage })
    const completion = await ask(json(answer), { tools: [tool] })
    expect(completion).toMatchObject({
      id: 'reply-1',
      model: 'command-a-03-2025',
      finishReason: 'tool-calls',
      rawFinishReason: 'TOOL_CALL',
      choices: [{ content: '', reasoning: [{ text: 'I will look.' }] }],
      toolCalls: [{ id: 'look_up_x9cnz', name: 'look_up', arguments: { word: 'piece' } }],
      usage: { promptTokens: 1490, completionTokens: 94, totalTokens: 1584, cacheReadTokens: 112, reasoningTokens: 56 },
    })
  })

  it('a stream whose message ends without [DONE]', async () => {
    vendor.answerWith(
      sse([
        { type: 'message-start', id: 'reply-1', delta: { message: { role: 'assistant', content: [] } } },
        { type: 'tool-plan-delta', delta: { message: { tool_plan: 'I will look.' } } },
        {
          type: 'tool-call-start',
          index: 0,
          delta: { message: { tool_calls: { ...call, function: { name: 'look_up', arguments: '' } } } },
        },
        {
          type: 'tool-call-delta',
          index: 0,
          delta: { message: { tool_calls: { function: { arguments: '{"word":' } } } },
        },
        {
          type: 'tool-call-delta',
          index: 0,
          delta: { message: { tool_calls: { function: { arguments: '"piece"}' } } } },
        },
        { type: 'tool-call-end', index: 0 },
        { type: 'message-end', delta: { finish_reason: 'TOOL_CALL' } },
      ]),
    )
    const events = await collect(cohere().chat.stream({ ...ASK, tools: [tool] }))
    expect(events.map(({ type }) => type)).toEqual([
      'reasoning-delta',
      'tool-call-delta',
      'tool-call-delta',
      'tool-call-delta',
      'tool-call',
      'end',
    ])
    expect(events.at(-1)).toMatchObject({
      completeness: 'complete',
      completion: { toolCalls: [{ arguments: { word: 'piece' } }] },
    })
  })

  it('reads errors with only a message, or with a code', async () => {
    const id = 'c167e04b'
    const key = await thrownBy(() => ask(json({ id, message: 'invalid api token' }, 401)))
    expect(key).toMatchObject({ code: 'authentication', actor: 'admin', vendorMessage: 'invalid api token' })
    expect(key).toMatchObject({ requestId: id })
    const cancelled = await thrownBy(() => ask(json({ id, message: 'request cancelled' }, 499)))
    expect(cancelled).toMatchObject({ code: 'interrupted', retryable: true })
    const long = { error_type: 'TOO_MANY_TOKENS', id, message: 'size limit exceeded by 25836 tokens' }
    expect(await thrownBy(() => ask(json(long, 400)))).toMatchObject({
      code: 'context-length',
      vendorCode: 'TOO_MANY_TOKENS',
    })
  })
})

describe('a reply that the vendor ended as a failure is no short success (E3)', () => {
  it.each([
    ['ERROR', 'server-error'],
    ['TIMEOUT', 'timeout'],
  ])('%s', async (finish_reason, code) => {
    const right = { code, retryable: true, partial: { choices: [{ content: 'Half an' }] } }
    const content = [{ type: 'text', text: 'Half an' }]
    expect(await thrownBy(() => ask(json(reply({ content }, { finish_reason }))))).toMatchObject(right)
    vendor.answerWith(
      sse([
        { type: 'message-start', id: 'reply-1', delta: { message: { role: 'assistant' } } },
        { type: 'content-delta', index: 0, delta: { message: { content: { text: 'Half an' } } } },
        { type: 'message-end', delta: { finish_reason } },
      ]),
    )
    expect(await thrownBy(() => collect(cohere().chat.stream({ ...ASK, retries: 0 })))).toMatchObject(right)
  })
})

describe('the schema of an answer (J, T12)', () => {
  it('holds what the vendor knows, and the answer is held against all of it', async () => {
    const schema = z.object({
      name: z.string().min(3),
      mail: z.email().optional(),
      born: z.iso.date(),
      pet: z.discriminatedUnion('kind', [z.object({ kind: z.literal('cat') }), z.object({ kind: z.literal('dog') })]),
    })
    const answer = (value: object) => json(reply({ content: [{ type: 'text', text: JSON.stringify(value) }] }))
    const value = { name: 'Ada', mail: null, born: '1815-12-10', pet: { kind: 'cat' } }
    vendor.answerWith(answer(value))
    const { object } = await cohere().chat.object({ ...ASK, schema, retries: 0 })
    expect(object).toEqual({ name: 'Ada', born: '1815-12-10', pet: { kind: 'cat' } })
    const pet = (kind: string) => ({
      type: 'object',
      properties: { kind: { type: 'string', const: kind } },
      required: ['kind'],
      additionalProperties: false,
    })
    expect(vendor.requests[0]?.body['response_format']).toEqual({
      type: 'json_object',
      json_schema: {
        type: 'object',
        properties: {
          name: { type: 'string' },
          mail: { anyOf: [{ type: 'string' }, { type: 'null' }] },
          born: { type: 'string', format: 'date' },
          pet: { anyOf: [pet('cat'), pet('dog')] },
        },
        required: ['name', 'mail', 'born', 'pet'],
        additionalProperties: false,
      },
    })
    vendor.answerWith(answer({ ...value, name: 'A' }))
    const wrong = await thrownBy(() => cohere().chat.object({ ...ASK, schema, retries: 0 }))
    expect(wrong).toMatchObject({ code: 'invalid-object' })
  })
})

it('embeds by 96 texts, for the purpose that the caller names (M09)', async () => {
  vendor.answerWith((response, request) => {
    const { texts } = request.body as { texts: string[] }
    return json({
      embeddings: { float: texts.map((text) => [text.length, 1]) },
      meta: { billed_units: { input_tokens: texts.length } },
    })(response, request)
  })
  const input = Array.from({ length: 100 }, (_, index) => 'x'.repeat(index + 1))
  const advancedOptions = { input_type: 'search_query' }
  const params = { model: 'embed-v4.0' as const, input, dimensions: 2, advancedOptions }
  const reply = await cohere().embedding?.create(params)
  expect(reply?.embeddings.map(([length]) => length)).toEqual(input.map((text) => text.length))
  expect(reply?.usage?.promptTokens).toBe(100)
  expect(vendor.requests.map(({ body }) => body['texts'])).toMatchObject([{ length: 96 }, { length: 4 }])
  expect(vendor.requests[0]?.body).toMatchObject({ input_type: 'search_query', output_dimension: 2 })
})

it.each([
  ['base64', ['AACAPwAAAMA=']],
  ['int8', [[1, -2]]],
])('reads embeddings of the type that the caller asks for: %s (M09)', async (type, lists) => {
  vendor.answerWith(json({ embeddings: { [type]: lists } }))
  const advancedOptions = { embedding_types: [type] }
  const reply = await cohere().embedding?.create({ model: 'embed-v4.0', input: 'a', advancedOptions })
  expect(reply?.embeddings).toEqual([[1, -2]])
  expect(vendor.requests[0]?.body).toMatchObject({ embedding_types: [type] })
  expect(vendor.requests).toHaveLength(1)
})

it('transcribes by a form whose file stands last, and wants to know the language (M08)', async () => {
  const file = { base64: Buffer.from('ID3 and what follows').toString('base64'), mediaType: 'audio/mpeg' }
  const params = { model: 'cohere-transcribe-03-2026' as const, file, language: 'en' }
  vendor.answerWith(json({ text: ' Ruby is a language.' }))
  const transcribe = (rest: object = {}) => cohere().audio?.transcribe?.({ ...params, retries: 0, ...rest })
  expect(await transcribe({ advancedOptions: { temperature: 0.2 } })).toMatchObject({ text: ' Ruby is a language.' })
  const [request] = vendor.requests
  expect(request).toMatchObject({ method: 'POST', path: '/api/v1/ai-providers/proxy/cohere/v2/audio/transcriptions' })
  expect(request?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  const names = [...(request?.text ?? '').matchAll(/ name="(\w+)"/g)].map(([, name]) => name)
  expect(names).toEqual(['model', 'language', 'temperature', 'file'])
  for (const part of ['cohere-transcribe-03-2026', 'audio.mp3', 'ID3 and what follows', 'en', '0.2']) {
    expect(request?.text).toContain(part)
  }
  for (const [rest, code, parameter] of [
    [{ prompt: 'Ruby' }, 'unsupported', 'prompt'],
    [{ language: undefined }, 'invalid-request', 'language'],
  ] as const) {
    expect(await thrownBy(async () => transcribe(rest))).toMatchObject({ code, parameter })
  }
  expect(vendor.requests).toHaveLength(1)
})

it('lists its models over all pages, by what they are for (M10)', async () => {
  vendor.answerWith(
    json({
      models: [
        { name: 'command-of-tomorrow', endpoints: ['chat', 'generate'] },
        { name: 'rerank-v4.0', endpoints: ['rerank'] },
      ],
      next_page_token: 'p2',
    }),
    json({ models: [{ name: 'embed-of-tomorrow', endpoints: ['embed'] }] }),
  )
  const { models } = await listModels({ provider: 'cohere', server })
  const supported = Object.fromEntries(models.map((model) => [model.value, model.supported ?? ['text']]))
  expect(supported).toMatchObject({ 'command-of-tomorrow': ['text'], 'embed-of-tomorrow': ['embedding'] })
  expect(supported).not.toHaveProperty('rerank-v4.0')
  expect(vendor.requests.map(({ path }) => path.split('?')[1])).toEqual([
    'page_size=1000',
    'page_size=1000&page_token=p2',
  ])
})
