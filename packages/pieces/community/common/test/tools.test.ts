import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AIChatMessage } from '../src/index.ts'
import {
  ASK,
  chatCompletion,
  chunk,
  collect,
  DONE,
  json,
  message,
  sse,
  thrownBy,
  useVendor,
  type Vendor,
} from './vendor.ts'

const vendor = await useVendor()

const weather = { name: 'weather', description: 'The weather of a city.', parameters: z.object({ city: z.string() }) }
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const ok = {
  openai: json(chatCompletion({ content: 'Yes.' })),
  anthropic: json(message([{ type: 'text', text: 'Yes.' }])),
}

async function sent(provider: 'openai' | 'anthropic', params: object) {
  vendor.answerWith(ok[provider])
  const completion = await vendor[provider]().chat.text({ ...ASK, ...params })
  return { body: vendor.requests[0]?.body ?? {}, warnings: completion.warnings }
}

describe('tools', () => {
  it('go to OpenAI, by zod or JSON schema (T07)', async () => {
    const { body } = await sent('openai', {
      tools: [weather, { name: 'now' }],
      toolChoice: { tool: 'weather' },
      parallelToolCalls: false,
    })
    expect(body).toMatchObject({
      tools: [
        { type: 'function', function: { name: 'weather', description: 'The weather of a city.', parameters: schema } },
        { type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } },
      ],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
    })
    for (const [choice, wire] of [
      ['auto', 'auto'],
      ['any', 'required'],
      ['none', 'none'],
    ] as const) {
      expect((await sent('openai', { tools: [weather], toolChoice: choice })).body['tool_choice']).toBe(wire)
    }
  })

  it('go to Anthropic (T07)', async () => {
    const { body } = await sent('anthropic', {
      tools: [{ ...weather, parameters: schema }],
      toolChoice: 'any',
      parallelToolCalls: false,
    })
    expect(body).toMatchObject({
      tools: [{ name: 'weather', description: 'The weather of a city.', input_schema: schema }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    })
    expect(
      (await sent('anthropic', { tools: [weather], toolChoice: { tool: 'weather' } })).body['tool_choice'],
    ).toEqual({ type: 'tool', name: 'weather' })
    const refusing = await sent('anthropic', { model: 'claude-opus-5-5', tools: [weather], toolChoice: 'any' })
    expect(refusing.body).not.toHaveProperty('tool_choice')
    expect(refusing.warnings).toMatchObject([{ type: 'left-out', parameter: 'toolChoice' }])
  })

  it.each(['openai', 'anthropic'] as const)('an empty list is none for %s (R08)', async (provider) => {
    expect((await sent(provider, { tools: [] })).body).not.toHaveProperty('tools')
  })

  it.each([
    [{ tools: [{ name: 'with space' }] }, 'tools[0].name'],
    [{ tools: [weather, weather] }, 'tools[1].name'],
    [{ tools: [weather], toolChoice: { tool: 'nope' } }, 'toolChoice.tool'],
    [{ toolChoice: 'any' }, 'tools'],
    [{ toolChoice: 'maybe' }, 'toolChoice'],
    [
      {
        messages: [
          ...ASK.messages,
          { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'f', arguments: {} }] },
        ],
      },
      'messages[1].toolCalls[0]',
    ],
    [{ messages: [...ASK.messages, { role: 'tool', toolCallId: 'a', content: '' }] }, 'messages[1].toolCallId'],
  ])('refuses %j, naming the place (T10)', async (wrong, parameter) => {
    vendor.answerWith(ok.openai)
    // SAFETY: wrong on purpose.
    expect(await thrownBy(() => vendor.openai().chat.text({ ...ASK, ...(wrong as object) }))).toMatchObject({
      code: 'invalid-request',
      parameter,
    })
    expect(vendor.requests).toEqual([])
  })
})

describe('a tool whose arguments are no object is reported before the call (T12)', () => {
  const city = z.object({ city: z.string() })
  const roots = [
    ['a choice', z.union([city, z.object({ place: z.string() })]), 'of no single type'],
    ['a list', z.array(city), 'of type array'],
    ['a text', { type: 'string' }, 'of type string'],
    ['anything', {}, 'of no single type'],
  ] as const
  const wires = [
    ['openai', 'gpt-5.5'],
    ['openai', 'gpt-5.5-pro'],
    ['anthropic', 'claude-sonnet-5-5'],
  ] as const

  it('properties without a type are those of an object', async () => {
    const properties = { city: { type: 'string' } }
    for (const provider of ['openai', 'anthropic'] as const) {
      vendor.answerWith(ok[provider])
      await vendor[provider]().chat.text({ ...ASK, tools: [{ name: 'odd', parameters: { properties } }] })
      expect(JSON.stringify(vendor.requests[0]?.body)).toContain(JSON.stringify({ type: 'object', properties }))
    }
  })

  it.each(roots)('%s at the root', async (_root, parameters, came) => {
    for (const [provider, model] of wires) {
      vendor.answerWith(ok[provider])
      const tools = [weather, { name: 'odd', parameters }]
      const message = `tools[1].parameters is ${came} at its root; expected a schema of type object.`
      expect(await thrownBy(() => vendor[provider]().chat.text({ ...ASK, model, tools }))).toMatchObject({
        code: 'invalid-request',
        parameter: 'tools[1].parameters',
        message,
        provider,
        model,
      })
      expect(vendor.requests).toEqual([])
    }
  })
})

describe('a conversation with tools goes back', () => {
  const id = `odd id ${'x'.repeat(400)}`
  const png = Buffer.from('89504e470d0a1a0a', 'hex')
  const history: AIChatMessage[] = [
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: 'Let me see.',
      reasoning: [{ text: 'Hm.', signature: 'sig' }, { text: '', encrypted: 'opaque' }, { text: 'unsealed' }],
      toolCalls: [
        { id: 'call_1', name: 'weather', arguments: { city: 'Rome' } },
        { id, name: 'weather', arguments: { city: 'Bonn' } },
      ],
    },
    {
      role: 'tool',
      toolCallId: 'call_1',
      content: [
        { type: 'text', text: 'Sunny' },
        { type: 'image', image: { filename: 'sky.png', data: png } },
      ],
    },
    { role: 'tool', toolCallId: id, content: 'No such city', isError: true },
  ]

  it('to OpenAI: results as text, their pictures after them, odd ids made safe (T08, T09)', async () => {
    const { body, warnings } = await sent('openai', { messages: history, tools: [weather] })
    const [, assistant, first, second, pictures] = body['messages'] as Record<string, unknown>[]
    const [, odd] = (assistant?.['tool_calls'] ?? []) as { id: string }[]
    expect(odd?.id).toMatch(/^[\w-]{1,40}$/)
    expect(assistant).toMatchObject({
      content: 'Let me see.',
      tool_calls: [{ id: 'call_1', function: { arguments: '{"city":"Rome"}' } }, {}],
    })
    expect(first).toEqual({ role: 'tool', tool_call_id: 'call_1', content: 'Sunny\n[image]' })
    expect(second).toEqual({ role: 'tool', tool_call_id: odd?.id, content: 'Error: No such city' })
    expect(pictures).toMatchObject({
      role: 'user',
      content: [
        { type: 'text' },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${png.toString('base64')}` } },
      ],
    })
    expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'reasoning' }])
  })

  it('to Anthropic: sealed thoughts first, results in one message (T08, T09, X09)', async () => {
    const { body } = await sent('anthropic', { messages: history, tools: [weather] })
    const [, assistant, results] = body['messages'] as { content: Record<string, unknown>[] }[]
    expect(assistant?.content).toMatchObject([
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'redacted_thinking', data: 'opaque' },
      { type: 'text', text: 'Let me see.' },
      { type: 'tool_use', id: 'call_1', input: { city: 'Rome' } },
      { type: 'tool_use', id: expect.stringMatching(/^[\w-]{1,40}$/) },
    ])
    expect(results?.content).toMatchObject([
      {
        type: 'tool_result',
        tool_use_id: 'call_1',
        content: [
          { type: 'text', text: 'Sunny' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png' } },
        ],
      },
      { type: 'tool_result', content: 'No such city', is_error: true },
    ])
  })

  it('a completion is a message of the next call', async () => {
    vendor.answerWith(
      json(
        message(
          [
            { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
            { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} },
          ],
          { stop_reason: 'tool_use' },
        ),
      ),
      ok.anthropic,
    )
    const ai = vendor.anthropic()
    const first = await ai.chat.text({ ...ASK, tools: [{ name: 'now' }] })
    await ai.chat.text({
      ...ASK,
      messages: [
        ...ASK.messages,
        ...first.choices.slice(0, 1),
        { role: 'tool', toolCallId: 'toolu_1', content: 'noon' },
      ],
      tools: [{ name: 'now' }],
    })
    expect(vendor.requests[1]?.body['messages']).toEqual([
      ASK.messages[0],
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
          { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'noon' }] },
    ])
  })
})

describe('chat.run', () => {
  const calling = (id: string, args: string) =>
    chunk({ tool_calls: [{ index: 0, id, function: { name: 'weather', arguments: args } }] })
  const call = (id: string, args: string) =>
    sse([
      calling(id, args),
      chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }),
      chunk({}, { choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }),
      DONE,
    ])
  const say = (content: string) =>
    sse([
      chunk({ content }),
      chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
      chunk({}, { choices: [], usage: { prompt_tokens: 20, completion_tokens: 3, total_tokens: 23 } }),
      DONE,
    ])
  const run = (execute: (args: unknown) => unknown, rest = {}) =>
    collect(vendor.openai().chat.run({ ...ASK, tools: [{ ...weather, execute }], ...rest }))

  it('calls the model, runs its tools, and goes on until it is done', async () => {
    vendor.answerWith(call('a', '{"city":"Rome"}'), say('It is sunny.'))
    const events = await run((args) => ({ sky: 'sunny', args }))
    expect(events.map((event) => event.type)).toEqual([
      'tool-call-delta',
      'tool-call',
      'tool-result',
      'step-end',
      'text-delta',
      'step-end',
      'end',
    ])
    expect(events[2]).toEqual({
      type: 'tool-result',
      toolCall: { id: 'a', name: 'weather', arguments: { city: 'Rome' } },
      result: { sky: 'sunny', args: { city: 'Rome' } },
    })
    expect(events.at(-1)).toMatchObject({
      completeness: 'complete',
      completion: { choices: [{ content: 'It is sunny.' }] },
      usage: { promptTokens: 30, completionTokens: 8, totalTokens: 38 },
      messages: [
        { role: 'user' },
        { role: 'assistant' },
        { role: 'tool', content: '{"sky":"sunny","args":{"city":"Rome"}}' },
        { role: 'assistant' },
      ],
    })
    expect(vendor.requests[1]?.body['messages']).toHaveLength(3)
  })

  it("tells the model of each tool's failure: it throws, gets wrong arguments, does not exist", async () => {
    vendor.answerWith(call('a', '{"city":"Rome"}'), call('b', '{"town":1}'), say('Sorry.'))
    const events = await run(() => {
      throw new Error('The station is down')
    })
    const errors = events.flatMap((event) => (event.type === 'tool-result' ? [event.error] : []))
    expect(errors).toEqual([
      'The station is down',
      expect.stringMatching(/^The value does not match the schema: city: /),
    ])
    expect(vendor.requests[1]?.body['messages']).toMatchObject([
      {},
      {},
      { role: 'tool', content: 'Error: The station is down' },
    ])
  })

  it('stops at its step limit and says so', async () => {
    vendor.answerWith(call('a', '{"city":"Rome"}'))
    const events = await run(() => 'sunny', { maxSteps: 2 })
    expect(events.at(-1)).toMatchObject({ type: 'end', completeness: 'steps' })
    expect(vendor.requests).toHaveLength(2)
  })

  it.each([
    [{ maxSteps: 0 }, 'maxSteps'],
    [{ tools: [weather] }, 'tools[0].execute'],
    [{ tools: undefined }, 'tools'],
  ])('refuses %j', async (wrong, parameter) => {
    // SAFETY: wrong on purpose.
    const params = { ...ASK, tools: [], ...wrong } as unknown as Parameters<
      ReturnType<Vendor['openai']>['chat']['run']
    >[0]
    expect(await thrownBy(() => collect(vendor.openai().chat.run(params)))).toMatchObject({
      code: 'invalid-request',
      parameter,
    })
  })
})
