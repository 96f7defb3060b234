import { describe, expect, it } from 'vitest'
import type { AIChatMessage } from '../src/index.ts'
import {
  added,
  call,
  completed,
  created,
  delta,
  done,
  refusal,
  response,
  said,
  text,
  thought,
  useResponsesVendor,
} from './responses-vendor.ts'
import { ASK, collect, DONE, json, message, thrownBy } from './vendor.ts'

const { vendor, ask, stream, sent } = await useResponsesVendor()

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
    expect(choice?.reasoning).toEqual([{ text: '', id: 'rs_1', signature: 'sealed', signedBy: 'openai' }])
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
