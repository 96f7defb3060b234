import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  added,
  call,
  completed,
  created,
  delta,
  done,
  MODEL,
  refusal,
  response,
  said,
  text,
  thought,
  useResponsesVendor,
} from './responses-vendor.ts'
import { ASK, collect, json, thrownBy } from './vendor.ts'

const { vendor, ask, stream } = await useResponsesVendor()

describe('an object', () => {
  const schema = z.object({ city: z.string(), note: z.string().min(1).optional() })

  it('comes by the schema of the wire, strict (J01, J03)', async () => {
    vendor.answerWith(json(response([text('{"city":"Rome","note":null}')])))
    const advancedOptions = { text: { verbosity: 'low' } }
    const answer = await vendor.openai().chat.object({ ...ASK, model: MODEL, schema, advancedOptions })
    expect(answer.object).toEqual({ city: 'Rome' })
    expect(vendor.requests[0]?.body['text']).toEqual({
      verbosity: 'low',
      format: {
        type: 'json_schema',
        name: 'answer',
        strict: true,
        schema: {
          type: 'object',
          properties: { city: { type: 'string' }, note: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
          required: ['city', 'note'],
          additionalProperties: false,
        },
      },
    })
  })

  it.each([
    ['refused', response([refusal('I cannot.')])],
    [
      'truncated',
      response([text('{"ci')], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }),
    ],
  ])('that is %s is an error, never half a value (J06, J07)', async (code, reply) => {
    vendor.answerWith(json(reply))
    const error = await thrownBy(() => vendor.openai().chat.object({ ...ASK, model: MODEL, schema }))
    expect(error).toMatchObject({ code })
  })
})

describe('a plain reply', () => {
  it('comes as a completion (X01, U05, U06)', async () => {
    expect(await ask(json(response([text('A building block.')])))).toEqual({
      id: 'resp_1',
      created: 1_790_000_000,
      model: 'gpt-5.5-pro-2026-04-23',
      choices: [{ role: 'assistant', content: 'A building block.' }],
      finishReason: 'stop',
      rawFinishReason: 'completed',
      toolCalls: [],
      usage: {
        promptTokens: 100,
        completionTokens: 50,
        totalTokens: 150,
        cacheReadTokens: 64,
        cacheWriteTokens: undefined,
        reasoningTokens: 32,
        parts: { uncached: 36, cacheRead: 64, cacheWrite: undefined, output: 18, reasoning: 32 },
        raw: response([]).usage,
      },
      warnings: [],
    })
  })

  it('with tool calls (T01, T02, T06)', async () => {
    const completion = await ask(json(response([call('weather', '{"city":"Rome"}'), call('now', '')])))
    expect(completion).toMatchObject({ finishReason: 'tool-calls', rawFinishReason: 'completed' })
    expect(completion.toolCalls).toEqual([
      { id: 'call_weather', name: 'weather', arguments: { city: 'Rome' } },
      { id: 'call_now', name: 'now', arguments: {} },
    ])
  })

  it('with tool arguments that are no JSON is a typed error that quotes them (T11)', async () => {
    const error = await thrownBy(() => ask(json(response([call('weather', '{"city": "Ro')]))))
    expect(error).toMatchObject({ code: 'invalid-tool-arguments', provider: 'openai', model: MODEL })
    expect(String(error)).toContain('{"city": "Ro')
  })

  it.each([
    ['max_output_tokens', 'length'],
    ['content_filter', 'content-filter'],
    ['something_new', 'other'],
  ])('that is incomplete for %s has finish reason %s, and no half tool call (X02)', async (reason, finishReason) => {
    const cut = { status: 'incomplete', incomplete_details: { reason } }
    const completion = await ask(json(response([text('Well.'), call('weather', '{"city": "Ro')], cut)))
    expect(completion).toMatchObject({ finishReason, rawFinishReason: reason, toolCalls: [] })
    expect(completion.warnings).toMatchObject([{ type: 'incomplete', parameter: 'toolCalls' }])
  })

  it('without usage leaves it undefined (U04)', async () => {
    const { usage } = await ask(json(response([text('Yes.')], { usage: null })))
    expect([usage.promptTokens, usage.completionTokens, usage.totalTokens]).toEqual(Array(3).fill(undefined))
  })

  it.each([
    [{ error: { code: 'server_error', message: 'Sorry.' }, status: 'failed' }, 'server-error', 'Sorry.'],
    [{ status: 'failed' }, 'server-error', 'The vendor ended the response as failed without a reason.'],
    [{ status: 'cancelled' }, 'server-error', 'The vendor ended the response as cancelled without a reason.'],
    [{ output: undefined }, 'invalid-reply', 'The response has no list of output items.'],
    [
      { output: undefined, error: { code: 'insufficient_quota', message: 'No credit.' } },
      'out-of-credit',
      'No credit.',
    ],
    [{ error: { code: 'bio_policy', message: 'No.' }, status: 'failed' }, 'content-filter', 'No.'],
    [{ error: { code: 'invalid_image_url', message: 'Gone.' }, status: 'failed' }, 'invalid-request', 'Gone.'],
  ])('%j inside a 200 is an error', async (rest, code, words) => {
    const error = await thrownBy(() => ask(json(response([], rest)), { retries: 0 }))
    expect(error).toMatchObject({ code, message: words, provider: 'openai', model: MODEL })
  })
})

describe('a stream', () => {
  it('gives deltas that add up to the reply, and one end (X03–X05, T03)', async () => {
    const events = await collect(
      stream([
        created,
        added(0, thought([], { encrypted_content: 'early' })),
        delta('reasoning_summary_text', 0, 'Hm', { summary_index: 0 }),
        delta('reasoning_summary_text', 0, '.', { summary_index: 0 }),
        done(0, thought(['Hm.'])),
        added(1, said([])),
        delta('output_text', 1, 'It is ', { content_index: 0 }),
        delta('output_text', 1, 'sunny.', { content_index: 0 }),
        done(1, text('It is sunny.')),
        added(2, call('weather', '')),
        delta('function_call_arguments', 2, '{"city":'),
        delta('function_call_arguments', 2, '"Rome"}'),
        done(2, call('weather', '{"city":"Rome"}')),
        completed(),
      ]),
    )
    const toolCall = { id: 'call_weather', name: 'weather', arguments: { city: 'Rome' } }
    expect(events).toMatchObject([
      { type: 'reasoning-delta', text: 'Hm' },
      { type: 'reasoning-delta', text: '.' },
      { type: 'text-delta', text: 'It is ' },
      { type: 'text-delta', text: 'sunny.' },
      { type: 'tool-call-delta', index: 0, id: 'call_weather', name: 'weather', arguments: '{"city":' },
      { type: 'tool-call-delta', index: 0, id: 'call_weather', name: 'weather', arguments: '"Rome"}' },
      { type: 'tool-call', toolCall },
      {
        type: 'end',
        completeness: 'complete',
        completion: {
          choices: [{ content: 'It is sunny.', reasoning: [{ text: 'Hm.', id: 'rs_1', signature: 'sealed' }] }],
          finishReason: 'tool-calls',
          toolCalls: [toolCall],
          usage: { promptTokens: 100, completionTokens: 50 },
        },
      },
    ])
  })

  it('says what no delta has said: whole items, or a whole reply at the end', async () => {
    const items = await collect(stream([created, done(0, text('One.')), completed()]))
    const reply = await collect(stream([completed([text('One.')])]))
    for (const events of [items, reply]) {
      expect(events).toMatchObject([
        { type: 'text-delta', text: 'One.' },
        { type: 'end', completeness: 'complete' },
      ])
    }
  })

  it('without its terminator is truncated (X07)', async () => {
    const events = await collect(stream([created, delta('output_text', 0, 'It is'), done(0, text('It is'))]))
    expect(events.at(-1)).toMatchObject({ completeness: 'truncated', completion: { choices: [{ content: 'It is' }] } })
  })

  it('that ends incomplete is whole, and says why it is short', async () => {
    const cut = response([], { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
    const events = await collect(
      stream([created, added(0, call('weather', '')), { type: 'response.incomplete', response: cut }]),
    )
    expect(events.at(-1)).toMatchObject({
      completeness: 'complete',
      completion: { finishReason: 'length', rawFinishReason: 'max_output_tokens' },
    })
  })
})

describe('a loop over tools', () => {
  it('takes its thoughts along', async () => {
    vendor.answerWith(
      json(response([thought(['Hm.']), call('now', '{}')])),
      json(response([text('Noon.', { phase: 'final_answer' })])),
    )
    const run = vendor.openai().chat.run({ ...ASK, model: MODEL, tools: [{ name: 'now', execute: () => 'noon' }] })
    const events = await collect(run)
    expect(events.at(-1)).toMatchObject({ type: 'end', completion: { choices: [{ content: 'Noon.' }] } })
    expect(vendor.requests[1]?.body['input']).toMatchObject([
      { role: 'user' },
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'sealed' },
      { type: 'function_call', call_id: 'call_now' },
      { type: 'function_call_output', call_id: 'call_now', output: 'noon' },
    ])
  })
})
