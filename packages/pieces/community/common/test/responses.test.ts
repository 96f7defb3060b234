import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AIChatMessage } from '../src/index.ts'
import {
  type Answer,
  ASK,
  chatCompletion,
  collect,
  DONE,
  json,
  message,
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

const MODEL = 'gpt-5.5-pro'
const ask = (answer: Answer, params: object = {}) => {
  vendor.answerWith(answer)
  return vendor.openai().chat.text({ ...ASK, model: MODEL, ...params })
}
const stream = (events: (object | string)[], params: object = {}) => {
  vendor.answerWith(sse(events))
  return vendor.openai().chat.stream({ ...ASK, model: MODEL, ...params })
}
const sent = async (params: object) => {
  const completion = await ask(json(response([text('Yes.')])), params)
  return { body: vendor.requests[0]?.body ?? {}, warnings: completion.warnings }
}

// ---- the wire, written by hand from the vendor's documentation

function response(output: object[], rest: object = {}) {
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_790_000_000,
    model: 'gpt-5.5-pro-2026-04-23',
    status: 'completed',
    error: null,
    incomplete_details: null,
    output,
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 64 },
      output_tokens: 50,
      output_tokens_details: { reasoning_tokens: 32 },
      total_tokens: 150,
    },
    ...rest,
  }
}

const said = (content: object[], rest: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content,
  ...rest,
})
const text = (words: string, rest: object = {}) => said([{ type: 'output_text', text: words, annotations: [] }], rest)
const refusal = (words: string) => said([{ type: 'refusal', refusal: words }])
const call = (name: string, args: string, rest: object = {}) => ({
  id: `fc_${name}`,
  type: 'function_call',
  call_id: `call_${name}`,
  name,
  arguments: args,
  status: 'completed',
  ...rest,
})
const thought = (summary: string[], rest: object = {}) => ({
  id: 'rs_1',
  type: 'reasoning',
  summary: summary.map((words) => ({ type: 'summary_text', text: words })),
  encrypted_content: 'sealed',
  ...rest,
})

const created = { type: 'response.created', response: response([], { status: 'in_progress', usage: null }) }
const added = (output_index: number, item: object) => ({ type: 'response.output_item.added', output_index, item })
const done = (output_index: number, item: object) => ({ type: 'response.output_item.done', output_index, item })
const delta = (kind: string, output_index: number, words: string, rest: object = {}) => ({
  type: `response.${kind}.delta`,
  output_index,
  delta: words,
  obfuscation: 'x7f',
  ...rest,
})
const completed = (output: object[] = []) => ({ type: 'response.completed', response: response(output) })

describe('which wire is asked', () => {
  it.each([
    ['gpt-5.5-pro', '/v1/responses'],
    ['gpt-5.2-pro', '/v1/responses'],
    ['gpt-5.5', '/v1/chat/completions'],
    ['gpt-of-tomorrow', '/v1/chat/completions'],
  ])('%s: %s', async (model, path) => {
    const reply = path === '/v1/responses' ? response([text('Yes.')]) : chatCompletion({ content: 'Yes.' })
    const completion = await ask(json(reply), { model })
    expect(vendor.requests[0]?.path).toBe(`/api/v1/ai-providers/proxy/openai${path}`)
    expect(completion.choices[0]?.content).toBe('Yes.')
    const explanation = await vendor.openai().explain({ ...ASK, model })
    expect(explanation).toMatchObject({ method: 'POST', path, body: vendor.requests[0]?.body })
  })
})

describe('a request', () => {
  it('stores nothing and asks for sealed thoughts; what is not set is left out (R04)', async () => {
    expect((await sent({ creativity: undefined, stop: [], tools: [] })).body).toEqual({
      model: MODEL,
      input: [{ role: 'user', content: 'What is a piece?' }],
      store: false,
      include: ['reasoning.encrypted_content'],
    })
  })

  it('has its parameters in their place, and says what it leaves out (M4)', async () => {
    const { body, warnings } = await sent({
      creativity: 50,
      maxTokens: 100,
      stop: ['x'],
      reasoningEffort: 'high',
      messages: [{ role: 'user', content: 'Hi', cache: 'long' }],
    })
    expect(body).toMatchObject({ max_output_tokens: 100, reasoning: { effort: 'high', summary: 'auto' } })
    expect(body).not.toHaveProperty('temperature')
    expect(body).not.toHaveProperty('stop')
    expect(warnings.map(({ type, parameter }) => `${type} ${parameter}`)).toEqual([
      'left-out creativity',
      'left-out stop',
    ])
    const { changes } = await vendor.openai().explain({
      ...ASK,
      model: MODEL,
      maxTokens: 100,
      messages: [{ role: 'user', content: 'Hi', cache: 'short' }],
    })
    expect(changes.map(({ type, parameter }) => `${type} ${parameter}`)).toEqual(['renamed maxTokens', 'renamed cache'])
  })

  it('leaves out an effort that the model does not know', async () => {
    const { body, warnings } = await sent({ reasoningEffort: 'low' })
    expect(body).not.toHaveProperty('reasoning')
    expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'reasoningEffort' }])
  })

  it('has system text as `developer`, once, never empty (M1), and the whole conversation (M2, R07)', async () => {
    const { body } = await sent({
      messages: [
        { role: 'system', content: '' },
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'One' },
        { role: 'assistant', content: 'Two', phase: 'final_answer' },
        { role: 'user', content: 'Three' },
        { role: 'user', content: 'Four' },
      ],
    })
    expect(body).not.toHaveProperty('instructions')
    expect(body['input']).toEqual([
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two', phase: 'final_answer' },
      { role: 'user', content: 'Three' },
      { role: 'user', content: 'Four' },
    ])
  })

  it('has images and documents, by URL and by their bytes (M01, M02, M04)', async () => {
    const pdf = Buffer.from('%PDF-1.7').toString('base64')
    const png = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
    const content = [
      { type: 'text', text: 'Look.' },
      { type: 'image', image: { url: 'https://example.com/a.png' } },
      { type: 'image', image: { base64: png, mediaType: 'image/png' } },
      { type: 'file', file: { url: 'https://example.com/a.pdf' } },
      { type: 'file', file: { base64: pdf, mediaType: 'application/pdf', filename: 'a.pdf' } },
    ]
    const { body } = await sent({ messages: [{ role: 'user', content }] })
    expect(body['input']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Look.' },
          { type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' },
          { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
          { type: 'input_file', file_url: 'https://example.com/a.pdf' },
          { type: 'input_file', filename: 'a.pdf', file_data: `data:application/pdf;base64,${pdf}` },
        ],
      },
    ])
  })

  it('has tools and the choice among them (T07)', async () => {
    const parameters = z.object({ city: z.string(), unit: z.string().optional() })
    const tools = [{ name: 'weather', description: 'The weather of a city.', parameters }, { name: 'now' }]
    const { body } = await sent({ tools, toolChoice: { tool: 'weather' }, parallelToolCalls: false })
    expect(body).toMatchObject({
      tools: [
        {
          type: 'function',
          name: 'weather',
          description: 'The weather of a city.',
          parameters: { type: 'object', required: ['city'] },
          strict: false,
        },
        { type: 'function', name: 'now', parameters: { type: 'object', properties: {} }, strict: false },
      ],
      tool_choice: { type: 'function', name: 'weather' },
      parallel_tool_calls: false,
    })
    for (const [toolChoice, wire] of [
      ['auto', 'auto'],
      ['any', 'required'],
      ['none', 'none'],
    ]) {
      expect((await sent({ tools, toolChoice })).body['tool_choice']).toBe(wire)
    }
  })

  it('carries results of tools, files and failures too (T08)', async () => {
    const id = `odd id ${'x'.repeat(400)}`
    const { body } = await sent({
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: 'Let me see.',
          toolCalls: [
            { id: 'call_1', name: 'weather', arguments: { city: 'Rome' } },
            { id, name: 'map', arguments: {} },
          ],
        },
        { role: 'tool', toolCallId: 'call_1', content: 'no station', isError: true },
        { role: 'tool', toolCallId: id, content: [{ type: 'image', image: { url: 'https://example.com/a.png' } }] },
      ],
    })
    const calls = { role: 'assistant', content: 'Let me see.' }
    expect(body['input']).toEqual([
      { role: 'user', content: 'Weather?' },
      calls,
      { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: '{"city":"Rome"}' },
      { type: 'function_call', call_id: 'call_0_407', name: 'map', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output: 'Error: no station' },
      {
        type: 'function_call_output',
        call_id: 'call_0_407',
        output: [{ type: 'input_image', image_url: 'https://example.com/a.png', detail: 'auto' }],
      },
    ])
  })

  it('has advanced options last; one of `reasoning` leaves the others in place', async () => {
    const advancedOptions = { store: true, truncation: 'auto', reasoning: { summary: 'detailed' } }
    expect((await sent({ reasoningEffort: 'high', advancedOptions })).body).toMatchObject({
      store: true,
      truncation: 'auto',
      reasoning: { effort: 'high', summary: 'detailed' },
    })
  })
})

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
    const completion = await ask(json(response([call('weather', '{"city": "Ro')], cut)))
    expect(completion).toMatchObject({ finishReason, rawFinishReason: reason, toolCalls: [] })
    expect(completion.warnings).toMatchObject([{ type: 'incomplete', parameter: 'toolCalls' }])
  })

  it('without usage leaves it undefined (U04)', async () => {
    const { usage } = await ask(json(response([text('Yes.')], { usage: null })))
    expect([usage.promptTokens, usage.completionTokens, usage.totalTokens]).toEqual(Array(3).fill(undefined))
  })

  it.each([
    [{ error: { code: 'server_error', message: 'Sorry.' }, status: 'failed' }, 'server-error', 'Sorry.'],
    [{ status: 'failed' }, 'server-error', 'The vendor ended the reply as failed and does not say why.'],
    [{ status: 'cancelled' }, 'server-error', 'The vendor ended the reply as cancelled and does not say why.'],
    [{ output: undefined }, 'invalid-reply', 'The reply has no list of output items.'],
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

describe('what the vendor really sends', () => {
  it('quirk 7: 429 is too fast, no credit, or one request that is too large', async () => {
    const words =
      'Request too large for gpt-5.5-pro in organization org-1 on tokens per min (TPM): Limit 30000, Requested 45000.'
    const limited = { message: 'Rate limit reached.', type: 'tokens', code: 'rate_limit_exceeded' }
    const broke = {
      message: 'You exceeded your current quota.',
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    }
    for (const [error, code, retryable] of [
      [limited, 'rate-limit', true],
      [broke, 'out-of-credit', false],
      [{ ...limited, message: words }, 'too-large', false],
    ] as const) {
      const headers = { 'x-ratelimit-reset-tokens': '12ms' }
      const thrown = await thrownBy(() => ask(json({ error }, 429, headers), { retries: 0 }))
      expect(thrown).toMatchObject({ code, retryable, status: 429, retryAfter: undefined })
    }
  })

  it('quirk 8: the status alone does not tell what is wrong', async () => {
    const type = 'invalid_request_error'
    for (const [status, error, code] of [
      [400, { message: "The requested model 'x' does not exist.", type, code: 'model_not_found' }, 'model-not-found'],
      [401, { message: 'Incorrect API key provided: sk-12345678.', type, code: 'invalid_api_key' }, 'authentication'],
      [400, { message: 'Your input is too long.', type, code: 'context_length_exceeded' }, 'context-length'],
      [400, { message: "Unsupported parameter: 'top_p'.", type, param: 'top_p', code: null }, 'invalid-request'],
    ] as const) {
      const thrown = await thrownBy(() => ask(json({ error }, status), { retries: 0 }))
      expect(thrown).toMatchObject({ code, status, ...('param' in error && { parameter: 'top_p' }) })
      expect(String(thrown)).not.toContain('sk-12345678')
    }
  })

  it('quirk 11: an empty thought is its seal, and goes back with what it led to (X09)', async () => {
    const first = await ask(json(response([thought([]), call('now', '{}')])))
    const [choice] = first.choices
    expect(choice?.reasoning).toEqual([{ text: '', id: 'rs_1', signature: 'sealed', sealedBy: 'openai' }])
    const messages: AIChatMessage[] = [...ASK.messages, ...(choice ? [choice] : [])]
    const { body } = await sent({ messages: [...messages, { role: 'tool', toolCallId: 'call_now', content: 'noon' }] })
    expect(body['input']).toEqual([
      { role: 'user', content: 'What is a piece?' },
      { type: 'reasoning', summary: [], encrypted_content: 'sealed' },
      { type: 'function_call', call_id: 'call_now', name: 'now', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_now', output: 'noon' },
    ])
  })

  it('quirk 11: a summary of several parts goes back in the same parts', async () => {
    const thoughts = [thought(['One.', 'Two.']), thought(['Three.'], { id: 'rs_2', encrypted_content: 'sealed 2' })]
    const { choices } = await ask(json(response([...thoughts, text('Yes.')])))
    expect(choices[0]?.reasoning?.map((part) => part.text)).toEqual(['One.', 'Two.', 'Three.'])
    const { body, warnings } = await sent({ messages: [...choices, ...ASK.messages] })
    const items = thoughts.map(({ id: _id, ...item }) => item)
    expect(body['input']).toEqual([...items, { role: 'assistant', content: 'Yes.' }, ...ASK.messages])
    expect(warnings).toEqual([])
  })

  it('quirk 11: a reply may be nothing but a thought that was cut short, which the wire does not take back', async () => {
    const cut = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
    const completion = await ask(json(response([thought([])], cut)))
    expect(completion).toMatchObject({ finishReason: 'length', choices: [{ content: '' }] })
    const { body, warnings } = await sent({ messages: [...completion.choices, ...ASK.messages] })
    expect(body['input']).toEqual(ASK.messages)
    expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'reasoning' }])
  })

  it('thoughts of another vendor stay out, and those of this wire stay out of others', async () => {
    const [user] = ASK.messages
    const foreign = { role: 'assistant', content: 'Yes.', reasoning: [{ text: 'Hm.', signature: 'sig' }] }
    const { body, warnings } = await sent({ messages: [user, foreign, user] })
    expect(body['input']).toEqual([user, { role: 'assistant', content: 'Yes.' }, user])
    expect(warnings).toMatchObject([{ type: 'left-out', parameter: 'reasoning' }])
    vendor.answerWith(json(message([{ type: 'text', text: 'Yes.' }])))
    const ours: AIChatMessage = {
      role: 'assistant',
      content: 'Yes.',
      reasoning: [{ text: '', id: 'rs_1', signature: 'x' }],
    }
    await vendor.anthropic().chat.text({ ...ASK, messages: [...ASK.messages, ours, ...ASK.messages] })
    expect(vendor.requests[0]?.body['messages']).toEqual([user, { role: 'assistant', content: 'Yes.' }, user])
  })

  it('quirk 12: refusals come as a part, and as deltas of their own', async () => {
    const completion = await ask(json(response([refusal('I cannot.')])))
    expect(completion).toMatchObject({ finishReason: 'stop', choices: [{ content: '', refusal: 'I cannot.' }] })
    const events = await collect(
      stream([
        created,
        added(0, said([])),
        delta('refusal', 0, 'I ', { content_index: 0 }),
        delta('refusal', 0, 'cannot.', { content_index: 0 }),
        { type: 'response.refusal.done', output_index: 0, content_index: 0, refusal: 'I cannot.' },
        done(0, refusal('I cannot.')),
        completed([refusal('I cannot.')]),
      ]),
    )
    expect(events).toMatchObject([{ type: 'end', completion: { choices: [{ content: '', refusal: 'I cannot.' }] } }])
    const { body } = await sent({ messages: [...completion.choices, ...ASK.messages] })
    expect(body['input']).toEqual([{ role: 'assistant', content: 'I cannot.' }, ...ASK.messages])
    const both = { role: 'assistant', content: 'Well.', refusal: 'I cannot.' }
    expect((await sent({ messages: [both, ...ASK.messages] })).warnings).toMatchObject([{ parameter: 'refusal' }])
  })

  it('quirk 13: several messages make one text, and their phase goes back', async () => {
    const output = [text('Let me see. ', { phase: 'commentary' }), text('It is sunny.', { phase: 'final_answer' })]
    const { choices } = await ask(json(response(output)))
    expect(choices).toEqual([{ role: 'assistant', content: 'Let me see. It is sunny.', phase: 'final_answer' }])
    const { body } = await sent({ messages: [...choices, ...ASK.messages] })
    expect(body['input']).toEqual([...choices, ...ASK.messages])
    const events = await collect(
      stream([
        created,
        delta('output_text', 0, 'Let me see. '),
        done(0, output[0] ?? {}),
        delta('output_text', 1, 'It is sunny.', { content_index: 1 }), // Bedrock counts parts through
        done(1, output[1] ?? {}),
        completed(output),
      ]),
    )
    expect(events.at(-1)).toMatchObject({ completion: { choices } })
    expect(events).toHaveLength(3)
  })

  it('quirk 14: unknown events and keepalives are passed over', async () => {
    const events = await collect(
      stream([
        created,
        { type: 'keepalive', sequence_number: 1 },
        { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws_1' },
        added(0, { id: 'ws_1', type: 'web_search_call', status: 'completed' }),
        { type: 'response.something.new', delta: 'x' },
        delta('output_text', 1, 'Yes.'),
        'data: "no object"\n\n',
        completed(),
      ]),
    )
    expect(events).toMatchObject([
      { type: 'text-delta', text: 'Yes.' },
      { type: 'end', completeness: 'complete' },
    ])
  })

  it('quirk 14: an error comes as `error` and as `response.failed` inside a 200, with what had come so far', async () => {
    const broke = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'No credit.', param: null }
    const failed = { type: 'response.failed', response: response([], { status: 'failed', error: broke }) }
    for (const events of [
      [{ type: 'error', error: broke }, failed],
      [{ type: 'error', code: 'insufficient_quota', message: 'No credit.', param: null }],
      [failed],
    ]) {
      const heard = stream([created, delta('output_text', 0, 'It is'), ...events], { retries: 0 })
      const error = await thrownBy(() => collect(heard))
      expect(error).toMatchObject({ code: 'out-of-credit', vendorMessage: 'No credit.', provider: 'openai' })
      expect(error).toMatchObject({ partial: { choices: [{ content: 'It is' }] } })
    }
  })

  it('quirk 15: comments and a `[DONE]` at the end of OpenRouter do no harm', async () => {
    const events = await collect(
      stream([': OPENROUTER PROCESSING\n\n', created, delta('output_text', 0, 'Yes.'), completed(), DONE]),
    )
    expect(events).toMatchObject([
      { type: 'text-delta', text: 'Yes.' },
      { type: 'end', completeness: 'complete' },
    ])
    const cut = await collect(stream([created, delta('output_text', 0, 'Yes.'), DONE]))
    expect(cut.at(-1)).toMatchObject({ completeness: 'truncated' })
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
