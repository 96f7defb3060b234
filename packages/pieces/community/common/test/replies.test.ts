import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type Answer,
  ASK,
  chatCompletion,
  chunk,
  collect,
  DONE,
  json,
  message,
  messageEvents,
  sse,
  startVendor,
  thrownBy,
  type Vendor,
} from './vendor.ts'

let vendor: Vendor
beforeAll(async () => {
  vendor = await startVendor()
})
afterAll(() => vendor.close())

const openai = (answer: Answer) => {
  vendor.answerWith(answer)
  return vendor.openai().chat.text(ASK)
}
const anthropic = (answer: Answer) => {
  vendor.answerWith(answer)
  return vendor.anthropic().chat.text(ASK)
}
const openaiStream = (answer: Answer, params = {}) => {
  vendor.answerWith(answer)
  return vendor.openai().chat.stream({ ...ASK, ...params })
}
const anthropicStream = (answer: Answer, params = {}) => {
  vendor.answerWith(answer)
  return vendor.anthropic().chat.stream({ ...ASK, ...params })
}

describe('a plain reply of OpenAI', () => {
  it('comes as a completion (X01)', async () => {
    expect(await openai(json(chatCompletion({ content: 'A building block.' })))).toEqual({
      id: 'chatcmpl-1',
      created: 1_790_000_000,
      model: 'gpt-5.5-2026-04-23',
      choices: [{ role: 'assistant', content: 'A building block.' }],
      finishReason: 'stop',
      rawFinishReason: 'stop',
      toolCalls: [],
      usage: {
        promptTokens: 9,
        completionTokens: 4,
        totalTokens: 13,
        parts: { output: 4, uncached: 9 },
        raw: { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
      },
      warnings: [],
    })
  })

  it('with null content beside tool calls, and `stop` for a forced tool (quirks 1, 2)', async () => {
    const calls = [
      { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
      { id: 'call_b', type: 'function', function: { name: 'now', arguments: '' } },
    ]
    const completion = await openai(json(chatCompletion({ content: null, tool_calls: calls })))
    expect(completion.choices[0]?.content).toBe('')
    expect(completion.finishReason).toBe('tool-calls')
    expect(completion.rawFinishReason).toBe('stop')
    expect(completion.toolCalls).toEqual([
      { id: 'call_a', name: 'weather', arguments: { city: 'Rome' } },
      { id: 'call_b', name: 'now', arguments: {} },
    ])
  })

  it('keeps calls apart that share an id or have none (T05)', async () => {
    const call = (id?: string) => ({ ...(id && { id }), type: 'function', function: { name: 'f', arguments: '{}' } })
    const completion = await openai(json(chatCompletion({ content: null, tool_calls: [call('a'), call('a'), call()] })))
    expect(completion.toolCalls.map((toolCall) => toolCall.id)).toEqual(['a', 'a_1', 'chatcmpl-1_2'])
  })

  it('with a refusal says why (quirk 1)', async () => {
    const completion = await openai(json(chatCompletion({ content: null, refusal: 'I cannot help with that.' })))
    expect(completion.choices[0]).toEqual({ role: 'assistant', content: '', refusal: 'I cannot help with that.' })
  })

  it('has cached and reasoning tokens in its usage, and leaves unknown ones undefined (M7, U04–U06)', async () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 32 },
    }
    const full = await openai(json(chatCompletion({ content: '' }, { usage })))
    expect(full.usage).toMatchObject({
      promptTokens: 100,
      completionTokens: 50,
      totalTokens: 150,
      cacheReadTokens: 64,
      reasoningTokens: 32,
    })
    const none = await openai(json(chatCompletion({ content: '' }, { usage: undefined })))
    expect(Object.values({ ...none.usage, parts: undefined })).toEqual(Array(4).fill(undefined))
    expect(Object.values(none.usage.parts ?? {})).toEqual(Array(5).fill(undefined))
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['something_new', 'other'],
  ])('that ended with %s has finish reason %s (X02)', async (raw, finishReason) => {
    const reply = chatCompletion(
      {},
      { choices: [{ index: 0, message: { role: 'assistant', content: '' }, finish_reason: raw }] },
    )
    expect(await openai(json(reply))).toMatchObject({ finishReason, rawFinishReason: raw })
  })

  it('with tool arguments that are no JSON is a typed error that quotes them (M6, T11)', async () => {
    const tool_calls = [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city": "Ro' } }]
    const error = await thrownBy(() => openai(json(chatCompletion({ content: null, tool_calls }))))
    expect(error).toMatchObject({ code: 'invalid-tool-arguments', provider: 'openai', model: 'some-model' })
    expect(String(error)).toContain('{"city": "Ro')
  })
})

describe('a plain reply of Anthropic', () => {
  it('joins its text blocks and keeps thinking and tools apart (M5, X08, quirks 19, 20)', async () => {
    const completion = await anthropic(
      json(
        message(
          [
            { type: 'thinking', thinking: 'Hm.', signature: 'sig-1' },
            { type: 'thinking', thinking: '', signature: 'sig-2' },
            { type: 'redacted_thinking', data: 'opaque' },
            { type: 'text', text: 'It is ' },
            { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} },
            { type: 'text', text: 'sunny.' },
            { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome' }, caller: { type: 'direct' } },
          ],
          { stop_reason: 'tool_use', stop_details: null },
        ),
      ),
    )
    expect(completion.choices).toEqual([
      {
        role: 'assistant',
        content: 'It is sunny.',
        reasoning: [
          { text: 'Hm.', signature: 'sig-1', sealedBy: 'anthropic' },
          { text: '', signature: 'sig-2', sealedBy: 'anthropic' },
          { text: '', redacted: 'opaque', sealedBy: 'anthropic' },
        ],
        toolCalls: completion.toolCalls,
      },
    ])
    expect(completion.toolCalls).toEqual([{ id: 'toolu_1', name: 'weather', arguments: { city: 'Rome' } }])
    expect(completion.finishReason).toBe('tool-calls')
  })

  it('without any block says why (M5, quirk 20)', async () => {
    const completion = await anthropic(json(message([], { stop_reason: 'max_tokens' })))
    expect(completion).toMatchObject({
      choices: [{ content: '' }],
      finishReason: 'length',
      rawFinishReason: 'max_tokens',
    })
  })

  it('counts cached parts into the prompt tokens (M7, U02)', async () => {
    const usage = { input_tokens: 10, cache_read_input_tokens: 70, cache_creation_input_tokens: 20, output_tokens: 5 }
    const completion = await anthropic(json(message([], { usage })))
    expect(completion.usage).toMatchObject({
      promptTokens: 100,
      completionTokens: 5,
      totalTokens: 105,
      cacheReadTokens: 70,
      cacheWriteTokens: 20,
    })
  })

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool-calls'],
    ['refusal', 'content-filter'],
    ['pause_turn', 'other'],
  ])('that ended with %s has finish reason %s (X02)', async (raw, finishReason) => {
    expect(await anthropic(json(message([], { stop_reason: raw })))).toMatchObject({
      finishReason,
      rawFinishReason: raw,
    })
  })
})

describe('a streamed reply of OpenAI', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }
  const last = chunk({}, { choices: [], usage })

  it('comes as deltas and exactly one end (X03–X05, quirks 3, 5)', async () => {
    const finish = chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
    const events = await collect(
      openaiStream(
        sse([
          chunk({ role: 'assistant', content: '' }),
          chunk({ content: 'A ' }, { obfuscation: 'x' }),
          chunk({ content: 'piece.' }),
          finish,
          last,
          DONE,
        ]),
      ),
    )
    expect(vendor.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } })
    expect(events.slice(0, -1)).toEqual([
      { type: 'text-delta', text: 'A ' },
      { type: 'text-delta', text: 'piece.' },
    ])
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      completeness: 'complete',
      completion: {
        id: 'chatcmpl-1',
        choices: [{ content: 'A piece.' }],
        finishReason: 'stop',
        usage: { totalTokens: 13 },
      },
    })
  })

  it('builds parallel tool calls from their parts (T02, T03, quirk 6)', async () => {
    const part = (index: number, call: object) => chunk({ tool_calls: [{ index, ...call }] })
    const events = await collect(
      openaiStream(
        sse([
          part(0, { id: 'a', type: 'function', function: { name: 'weather', arguments: '' } }),
          part(1, { id: 'b', type: 'function', function: { name: 'now', arguments: '' } }),
          part(0, { function: { arguments: '{"city":' } }),
          part(1, { function: { arguments: '{}' } }),
          part(0, { function: { arguments: '"Rome"}' } }),
          DONE,
        ]),
      ),
    )
    expect(events.filter((event) => event.type === 'tool-call').map((event) => event.toolCall)).toEqual([
      { id: 'a', name: 'weather', arguments: { city: 'Rome' } },
      { id: 'b', name: 'now', arguments: {} },
    ])
  })

  it('tells parallel tool calls apart without an index, or with the same one (T04)', async () => {
    const call = (id: string, rest = {}) => ({ id, function: { name: 'f', arguments: `{"id":"${id}"}` }, ...rest })
    for (const parts of [
      [call('a'), call('b')],
      [call('a', { index: 0 }), call('b', { index: 0 })],
    ]) {
      const events = await collect(openaiStream(sse([...parts.map((part) => chunk({ tool_calls: [part] })), DONE])))
      const end = events.at(-1)
      expect(end?.type === 'end' && end.completion.toolCalls.map((toolCall) => toolCall.arguments)).toEqual([
        { id: 'a' },
        { id: 'b' },
      ])
    }
  })

  it('that ends without its terminator is truncated, not a success (X07)', async () => {
    const events = await collect(openaiStream(sse([chunk({ content: 'A pie' })])))
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      completeness: 'truncated',
      completion: { choices: [{ content: 'A pie' }], finishReason: 'other' },
    })
  })

  it('cut in the middle of an event or of a tool call is truncated', async () => {
    const half = chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'weather', arguments: '{"ci' } }] })
    const events = await collect(openaiStream(sse([chunk({ content: 'A' }), half, 'data: {"id":"chatc'])))
    expect(events.at(-1)).toMatchObject({
      completeness: 'truncated',
      completion: { toolCalls: [], warnings: [{ type: 'incomplete' }] },
    })
  })

  it('with an error inside throws, with what had come so far (E3, quirk 4)', async () => {
    const error = { message: 'The server had an error.', type: 'server_error', code: null, param: null }
    const zero = chunk({}, { choices: [], usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } })
    const thrown = await thrownBy(() =>
      collect(openaiStream(sse([chunk({ content: '1, 2' }), `data: ${JSON.stringify({ error })}\n\n`, zero, DONE]))),
    )
    expect(thrown).toMatchObject({
      code: 'server-error',
      actor: 'vendor',
      vendorMessage: 'The server had an error.',
      partial: { choices: [{ content: '1, 2' }] },
    })
    expect(vendor.requests).toHaveLength(1) // E5: never again after output
  })

  it('whose connection is cut throws, with what had come so far (E3)', async () => {
    const cut: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(chunk({ content: 'A pie' }))}\n\n`, () =>
        setTimeout(() => response.destroy(), 20),
      )
    }
    const thrown = await thrownBy(() => collect(openaiStream(cut)))
    expect(thrown).toMatchObject({ code: 'interrupted', retryable: true, partial: { choices: [{ content: 'A pie' }] } })
    expect(vendor.requests).toHaveLength(1)
  })

  it('with an event that is not JSON throws', async () => {
    const thrown = await thrownBy(() =>
      collect(openaiStream(sse([chunk({ content: 'A' }), 'data: {oops\n\n', chunk({ content: 'B' }), DONE]))),
    )
    expect(thrown).toMatchObject({ code: 'invalid-reply', partial: { choices: [{ content: 'A' }] } })
  })

  it('leaves its connection to the next call', async () => {
    const ports: (number | undefined)[] = []
    const answer: Answer = (response) => {
      ports.push(response.socket?.remotePort)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`data: ${JSON.stringify(chunk({ content: 'A' }))}\n\n${DONE}`)
    }
    await collect(openaiStream(answer))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await collect(openaiStream(answer))
    expect(ports[0]).toBeDefined()
    expect(ports[1]).toBe(ports[0])
  })

  it('ends with its last word, though the vendor stays on the line: the connection is closed soon after', async () => {
    let connection: ServerResponse | undefined
    const stream = openaiStream((response) => {
      connection = response
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(chunk({ content: 'A' }))}\n\n${DONE}`)
    })
    expect((await collect(stream)).at(-1)).toMatchObject({ completeness: 'complete' })
    expect(connection?.closed).toBe(false)
    if (connection) await once(connection, 'close')
  })

  it('delivers what came before an error, in the same piece too', async () => {
    const piece = `data: ${JSON.stringify(chunk({ content: 'A' }))}\n\ndata: {oops\n\n`
    const heard: string[] = []
    const thrown = await thrownBy(async () => {
      const stream = openaiStream((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(piece)
      })
      for await (const event of stream) heard.push(event.type)
    })
    expect(thrown).toMatchObject({ code: 'invalid-reply' })
    expect(heard).toEqual(['text-delta'])
  })

  it('that comes whole, as plain JSON, is a stream all the same', async () => {
    const events = await collect(openaiStream(json(chatCompletion({ content: 'A piece.' }))))
    expect(events).toMatchObject([
      { type: 'text-delta', text: 'A piece.' },
      {
        type: 'end',
        completeness: 'complete',
        completion: { choices: [{ content: 'A piece.' }], usage: { totalTokens: 13 } },
      },
    ])
  })

  it('aborted midway ends as aborted and closes the connection at once (A03)', async () => {
    const controller = new AbortController()
    const closed = Promise.withResolvers<number>()
    const endless: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(chunk({ content: 'A' }))}\n\n`)
      response.on('close', () => closed.resolve(Date.now()))
    }
    const events = []
    let abortedAt = Number.NaN
    for await (const event of openaiStream(endless, { signal: controller.signal })) {
      events.push(event)
      if (event.type !== 'text-delta') continue
      abortedAt = Date.now()
      controller.abort()
    }
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      completeness: 'aborted',
      completion: { choices: [{ content: 'A' }] },
    })
    expect((await closed.promise) - abortedAt).toBeLessThan(1000)
  })

  it('left early by its reader closes the connection', async () => {
    const closed = Promise.withResolvers<void>()
    const endless: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(chunk({ content: 'A' }))}\n\n`)
      response.on('close', () => closed.resolve())
    }
    for await (const event of openaiStream(endless)) if (event.type === 'text-delta') break
    await closed.promise
  })
})

describe('a streamed reply of Anthropic', () => {
  it('comes as deltas and exactly one end (X03–X05, quirk 16)', async () => {
    const blocks = [
      {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [
          { type: 'thinking_delta', thinking: 'Hm.' },
          { type: 'signature_delta', signature: 'sig' },
        ],
      },
      {
        start: { type: 'text', text: '' },
        deltas: [
          { type: 'text_delta', text: 'A ' },
          { type: 'text_delta', text: 'piece.' },
        ],
      },
    ]
    const events = await collect(anthropicStream(sse(messageEvents(blocks))))
    expect(events.map((event) => event.type)).toEqual(['reasoning-delta', 'text-delta', 'text-delta', 'end'])
    expect(events.at(-1)).toMatchObject({
      completeness: 'complete',
      completion: {
        id: 'msg_1',
        choices: [{ content: 'A piece.', reasoning: [{ text: 'Hm.', signature: 'sig' }] }],
        finishReason: 'stop',
        usage: { promptTokens: 9, completionTokens: 4, totalTokens: 13 },
      },
    })
  })

  it('makes {} of a tool without arguments (T06, quirk 17)', async () => {
    const blocks = [
      {
        start: { type: 'tool_use', id: 'toolu_1', name: 'now', input: {} },
        deltas: [{ type: 'input_json_delta', partial_json: '' }],
      },
    ]
    const events = await collect(anthropicStream(sse(messageEvents(blocks, { stop_reason: 'tool_use' }))))
    expect(events.at(-1)).toMatchObject({
      completion: { toolCalls: [{ id: 'toolu_1', name: 'now', arguments: {} }], finishReason: 'tool-calls' },
    })
  })

  it('takes the later of two usages, it is cumulative (quirk 18)', async () => {
    const [start, ...rest] = messageEvents([])
    const usage = { input_tokens: 50, cache_read_input_tokens: 0, output_tokens: 7 }
    const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage }
    const events = await collect(anthropicStream(sse([start ?? {}, delta, ...rest.slice(-1)])))
    expect(events.at(-1)).toMatchObject({
      completion: { usage: { promptTokens: 50, completionTokens: 7, totalTokens: 57 } },
    })
  })

  it('that stops before message_stop is truncated (X07)', async () => {
    const blocks = [{ start: { type: 'text', text: '' }, deltas: [{ type: 'text_delta', text: 'A pie' }] }]
    const events = await collect(anthropicStream(sse(messageEvents(blocks).slice(0, -2))))
    expect(events.at(-1)).toMatchObject({ completeness: 'truncated', completion: { choices: [{ content: 'A pie' }] } })
  })

  it('with an error as its first event is tried again, later it throws (E3, E5, quirk 21)', async () => {
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    const whole = messageEvents([{ start: { type: 'text', text: '' }, deltas: [{ type: 'text_delta', text: 'Yes.' }] }])
    vendor.answerWith(sse([overloaded]), sse(whole))
    const events = await collect(vendor.anthropic().chat.stream(ASK))
    expect(events.at(-1)).toMatchObject({ completeness: 'complete', completion: { choices: [{ content: 'Yes.' }] } })
    expect(vendor.requests).toHaveLength(2)

    const thrown = await thrownBy(() => collect(anthropicStream(sse([...whole.slice(0, 4), overloaded]))))
    expect(thrown).toMatchObject({ code: 'overloaded', actor: 'nobody', partial: { choices: [{ content: 'Yes.' }] } })
    expect(vendor.requests).toHaveLength(1)
  })
})
