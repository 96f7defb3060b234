import { encodeEventStreamFrame } from '@copilotkit/aimock'
import { describe, expect, it } from 'vitest'
import { AI, type AiProvider } from '../src/index.ts'
import { createAI } from '../src/lib/ai/runtime/create-ai.ts'

import { type Answer, ASK, collect, DONE, json, sse, text, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()
const ERROR = { error: { message: 'There is no model of this name.', type: 'invalid_request_error' } }

/** A protocol: replies that say nothing, and replies that say nothing with a reason. */
type Protocol = {
  provider: AiProvider
  model: string
  empty: object[]
  legitimate: [object, string][]
  /** A stream that ends as it should and has said nothing. */
  silentStream: Answer
  legitimateStream: [Answer, string]
}

const choice = (message: object, finish_reason: unknown) => ({
  id: 'c',
  choices: [{ index: 0, message, finish_reason }],
})
const delta = (of: object, finish_reason: unknown = null) => ({
  id: 'c',
  choices: [{ index: 0, delta: of, finish_reason }],
})
const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
const candidate = (parts: object[], finishReason?: string) => ({ candidates: [{ content: { parts }, finishReason }] })
const converse = (content: object[], stopReason?: string) => ({
  output: { message: { role: 'assistant', content } },
  stopReason,
})
const frame = (kind: string, body: object) =>
  encodeEventStreamFrame({ ':message-type': 'event', ':event-type': kind }, Buffer.from(JSON.stringify(body)))
const frames =
  (...of: Uint8Array[]): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' }).end(Buffer.concat(of))

const PROTOCOLS: Record<string, Protocol> = {
  'chat completions': {
    provider: 'openai',
    model: 'some-model',
    empty: [
      { choices: [] },
      choice({}, null),
      choice({ content: '' }, undefined),
      choice({ content: null }, 'new_word'),
      choice({ content: null, tool_calls: [{}] }, null),
    ],
    legitimate: [
      [choice({ content: '' }, 'stop'), 'stop'],
      [choice({ content: '', reasoning_content: 'Hm' }, 'length'), 'length'],
      [choice({ content: null, tool_calls: [call] }, null), 'other'],
      [choice({ content: null, refusal: 'No.' }, null), 'other'],
      [choice({ content: '' }, 'content_filter'), 'content-filter'],
    ],
    silentStream: sse([delta({ role: 'assistant' }), DONE]),
    legitimateStream: [sse([delta({}, 'stop'), DONE]), 'stop'],
  },
  responses: {
    provider: 'openai',
    model: 'gpt-5.5-pro',
    empty: [{ output: [] }, { output: [], status: 'incomplete' }, { output: [{ type: 'message', content: [] }] }],
    legitimate: [
      [{ status: 'completed', output: [] }, 'stop'],
      [{ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] }, 'length'],
    ],
    silentStream: sse([{ type: 'response.completed', response: { output: [] } }]),
    legitimateStream: [sse([{ type: 'response.completed', response: { status: 'completed', output: [] } }]), 'stop'],
  },
  'Anthropic messages': {
    provider: 'anthropic',
    model: 'claude-sonnet-5',
    empty: [{ content: [] }, { content: [{ type: 'text', text: '' }] }, { content: [], stop_reason: 'new_word' }],
    legitimate: [
      [{ content: [], stop_reason: 'end_turn' }, 'stop'],
      [{ content: [{ type: 'thinking', thinking: 'Hm' }], stop_reason: 'max_tokens' }, 'length'],
      [{ content: [], stop_reason: 'refusal' }, 'content-filter'],
    ],
    silentStream: sse([{ type: 'message_start', message: {} }, { type: 'message_stop' }]),
    legitimateStream: [
      sse([{ type: 'message_delta', delta: { stop_reason: 'end_turn' } }, { type: 'message_stop' }]),
      'stop',
    ],
  },
  Gemini: {
    provider: 'gemini',
    model: 'gemini-3.8-flash',
    empty: [{ candidates: [] }, { candidates: [{}] }, candidate([]), candidate([], 'NEW_WORD')],
    legitimate: [
      [candidate([], 'STOP'), 'stop'],
      [candidate([{ text: 'Hm', thought: true }], 'MAX_TOKENS'), 'length'],
      [{ promptFeedback: { blockReason: 'SAFETY' } }, 'content-filter'],
    ],
    silentStream: sse([candidate([], 'NEW_WORD')]),
    legitimateStream: [sse([candidate([], 'STOP')]), 'stop'],
  },
  Converse: {
    provider: 'amazon-bedrock',
    model: 'us.amazon.nova-premier-v1:0',
    empty: [converse([]), converse([{ text: '' }]), converse([], 'new_word')],
    legitimate: [
      [converse([], 'end_turn'), 'stop'],
      [converse([], 'guardrail_intervened'), 'content-filter'],
    ],
    silentStream: frames(frame('messageStop', {}), frame('metadata', {})),
    legitimateStream: [frames(frame('messageStop', { stopReason: 'end_turn' }), frame('metadata', {})), 'stop'],
  },
  Cohere: {
    provider: 'cohere',
    model: 'command-a-03-2025',
    empty: [{ message: {} }, { message: { content: [] } }, { message: { content: [] }, finish_reason: 'NEW_WORD' }],
    legitimate: [
      [{ message: { content: [] }, finish_reason: 'COMPLETE' }, 'stop'],
      [{ message: { content: [] }, finish_reason: 'MAX_TOKENS' }, 'length'],
    ],
    silentStream: sse([{ type: 'message-end', delta: {} }]),
    legitimateStream: [sse([{ type: 'message-end', delta: { finish_reason: 'COMPLETE' } }]), 'stop'],
  },
}

describe.each(Object.entries(PROTOCOLS))('%s', (_name, { provider, model, ...protocol }) => {
  const chat = () => AI({ provider, server: { apiUrl: vendor.apiUrl, token: 't' } }).chat
  const whole = () => chat().text({ ...ASK, model, retries: 0 })
  const streamed = () => collect(chat().stream({ ...ASK, model, retries: 0 }))

  it('throws for an empty response without a reason', async () => {
    for (const reply of protocol.empty) {
      for (const ask of [whole, streamed]) {
        vendor.answerWith(json(reply))
        expect(await thrownBy(ask), JSON.stringify(reply)).toMatchObject({ code: 'invalid-reply', provider })
      }
    }
  })

  it('accepts an empty response with a reason', async () => {
    for (const [reply, finishReason] of protocol.legitimate) {
      vendor.answerWith(json(reply))
      expect(await whole(), JSON.stringify(reply)).toMatchObject({ finishReason })
    }
    const [answer, finishReason] = protocol.legitimateStream
    vendor.answerWith(answer)
    expect((await streamed()).at(-1)).toMatchObject({ completeness: 'complete', completion: { finishReason } })
  })

  it('throws for a stream that ends without output', async () => {
    vendor.answerWith(protocol.silentStream)
    expect(await thrownBy(streamed)).toMatchObject({ code: 'invalid-reply', provider })
    for (const answer of [sse([DONE]), sse([]), text(''), sse([': ping\n\n'])]) {
      vendor.answerWith(answer)
      const events = await streamed().catch((error: unknown) => [error])
      if (events[0] instanceof Error) expect(events[0]).toMatchObject({ code: 'invalid-reply' })
      else expect(events).toMatchObject([{ type: 'end', completeness: 'truncated' }])
    }
  })

  it.each(['text/event-stream', 'application/json', 'text/plain', 'application/vnd.amazon.eventstream'])(
    'reads an error inside a 200 of type %s',
    async (type) => {
      const pretty = JSON.stringify(ERROR, undefined, 2)
      for (const body of [
        JSON.stringify(ERROR),
        pretty,
        `[${pretty}]`,
        JSON.stringify({ message: ERROR.error.message }),
      ]) {
        for (const ask of [whole, streamed]) {
          vendor.answerWith(text(body, 200, { 'content-type': type }))
          expect(await thrownBy(ask), body).toMatchObject({
            name: 'AIError',
            vendorMessage: ERROR.error.message,
            provider,
          })
        }
      }
    },
  )

  it('quotes a web page that is returned instead of a response', async () => {
    for (const type of ['text/html', 'text/plain', 'text/event-stream', 'application/json']) {
      for (const ask of [whole, streamed]) {
        vendor.answerWith(text('<html>\n<p>Please sign in</p></html>', 200, { 'content-type': type }))
        const message = expect.stringContaining('Please sign in')
        expect(await thrownBy(ask), type).toMatchObject({ code: 'invalid-reply', message, provider })
      }
    }
  })

  // Converse streams frames, not server-sent events.
  if (provider === 'amazon-bedrock') return

  it('reads an error event, whatever the content type', async () => {
    for (const type of ['text/event-stream', 'application/json', 'text/plain']) {
      for (const ask of [whole, streamed]) {
        vendor.answerWith(text(`data: ${JSON.stringify(ERROR)}\n\n`, 200, { 'content-type': type }))
        expect(await thrownBy(ask), type).toMatchObject({ vendorMessage: ERROR.error.message, provider })
      }
    }
  })
})

it('reads a complete stream instead of a plain response, but not a truncated one', async () => {
  const events = [delta({ content: 'Yes' }), delta({ content: '.' }, 'stop')]
  for (const type of ['text/event-stream', 'application/json']) {
    vendor.answerWith(sse([...events, DONE], { 'content-type': type }))
    expect(await vendor.openai().chat.text(ASK)).toMatchObject({ choices: [{ content: 'Yes.' }], finishReason: 'stop' })
    vendor.answerWith(sse(events, { 'content-type': type }))
    expect(await thrownBy(() => vendor.openai().chat.text({ ...ASK, retries: 0 }))).toMatchObject({
      code: 'interrupted',
    })
  }
})

it('throws the error that follows a stream as plain JSON, with what came before it', async () => {
  vendor.answerWith(sse([delta({ content: 'Yes' }), `${JSON.stringify(ERROR)}\n`]))
  expect(await thrownBy(() => collect(vendor.openai().chat.stream(ASK)))).toMatchObject({
    vendorMessage: ERROR.error.message,
    partial: { choices: [{ content: 'Yes' }] },
  })
})

describe('an author', () => {
  it.each([
    { choices: [] },
    { choices: [{ content: null }] },
    { choices: [{ content: '' }], finishReason: 'other' as const },
  ])('who gives %j has given no answer', async (reply) => {
    const ai = createAI({ provider: 'TOY', chat: { text: async () => reply } }, 'toy')
    expect(await thrownBy(() => ai.chat.text(ASK))).toMatchObject({ code: 'invalid-reply', provider: 'toy' })
    expect(await thrownBy(() => collect(ai.chat.stream(ASK)))).toMatchObject({ code: 'invalid-reply', provider: 'toy' })
  })

  const never = () => Promise.reject(new Error('not asked for'))
  const say =
    <T>(value: unknown) =>
    async () =>
      value as T // what untyped authors give
  const nothing = async function* () {}
  const media = (given: unknown) =>
    createAI(
      {
        provider: 'TOY',
        chat: { text: never },
        image: { generate: say(given), edit: say(given) },
        embedding: { create: say(given) },
        moderation: { create: say(given) },
        audio: { transcribe: say(given), speech: say({ mediaType: 'audio/mpeg', audio: nothing() }) },
      },
      'toy',
    )
  const file = { base64: 'SUQz', mediaType: 'audio/mpeg' }
  const png = { base64: Buffer.from('89504e470d0a1a0a', 'hex').toString('base64'), mediaType: 'image/png' }

  it.each([
    [{ images: [], embeddings: [], results: [] }],
    [{ images: [{ base64: '' }], embeddings: [[]], text: null }],
    [{}],
    [undefined],
  ])('of media who gives %j has given nothing', async (given) => {
    const ai = media(given)
    for (const call of [
      () => ai.image?.generate({ model: 'm', prompt: 'x' }),
      () => ai.image?.edit({ model: 'm', prompt: 'x', images: [png] }),
      () => ai.embedding?.create({ model: 'm', input: 'x' }),
      () => ai.moderation?.create({ model: 'm', input: 'x' }),
      () => ai.audio?.transcribe?.({ model: 'm', file }),
      () => ai.audio?.speech?.({ model: 'm', input: 'x', voice: 'v' }),
    ]) {
      expect(await thrownBy(async () => call()), String(call)).toMatchObject({ code: 'invalid-reply', provider: 'toy' })
    }
  })
})

it('takes a page for no sound', async () => {
  vendor.answerWith(text('<html>Please sign in</html>', 200, { 'content-type': 'text/html' }))
  const error = await thrownBy(async () => vendor.openai().audio?.speech?.({ model: 'tts-1', input: 'x', voice: 'v' }))
  expect(error).toMatchObject({ code: 'invalid-reply', message: expect.stringContaining('Please sign in') })
})
