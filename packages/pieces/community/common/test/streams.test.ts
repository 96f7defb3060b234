import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import {
  type Answer,
  ASK,
  chatCompletion,
  chunk,
  collect,
  DONE,
  json,
  messageEvents,
  sse,
  thrownBy,
  useVendor,
} from './vendor.ts'

const vendor = await useVendor()

const openaiStream = (answer: Answer, params = {}) => {
  vendor.answerWith(answer)
  return vendor.openai().chat.stream({ ...ASK, ...params })
}
const anthropicStream = (answer: Answer, params = {}) => {
  vendor.answerWith(answer)
  return vendor.anthropic().chat.stream({ ...ASK, ...params })
}

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

  it('aborted midway ends as aborted and closes the connection (A03)', async () => {
    const controller = new AbortController()
    const closed = Promise.withResolvers<boolean>()
    const endless: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(chunk({ content: 'A' }))}\n\n`)
      response.on('close', () => closed.resolve(response.writableEnded))
    }
    const events = []
    for await (const event of openaiStream(endless, { signal: controller.signal })) {
      events.push(event)
      if (event.type === 'text-delta') controller.abort()
    }
    expect(events.at(-1)).toMatchObject({
      type: 'end',
      completeness: 'aborted',
      completion: { choices: [{ content: 'A' }] },
    })
    expect(await closed.promise).toBe(false)
  })

  it('left early by its reader closes the connection', async () => {
    const closed = Promise.withResolvers<boolean>()
    const endless: Answer = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`data: ${JSON.stringify(chunk({ content: 'A' }))}\n\n`)
      response.on('close', () => closed.resolve(response.writableEnded))
    }
    for await (const event of openaiStream(endless)) if (event.type === 'text-delta') break
    expect(await closed.promise).toBe(false)
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
