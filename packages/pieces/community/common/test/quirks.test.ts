// What vendors really send, line by line of the list of recorded quirks, where no other test has the line.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AI, type AIChatStreamEvent } from '../src/index.ts'
import {
  ASK,
  chatCompletion,
  chunk,
  collect,
  DONE,
  json,
  messageEvents,
  sse,
  startVendor,
  text,
  thrownBy,
  type Vendor,
} from './vendor.ts'

let vendor: Vendor
beforeAll(async () => {
  vendor = await startVendor()
})
afterAll(() => vendor.close())

const ONCE = { ...ASK, retries: 0 }
const ai = (provider: string) => AI({ provider, server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })

async function endOf(provider: string, events: (object | string)[]) {
  vendor.answerWith(sse(events))
  const all: AIChatStreamEvent[] = await collect(ai(provider).chat.stream(ONCE))
  const end = all.at(-1)
  if (end?.type !== 'end') throw new Error('no end')
  return end
}

const finished = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }

describe('quirk 22 (Anthropic)', () => {
  it('a 503 may be plain text', async () => {
    vendor.answerWith(text('upstream connect error or disconnect/reset before headers', 503))
    const error = await thrownBy(() => ai('anthropic').chat.text(ONCE))
    expect(error).toMatchObject({ code: 'overloaded', status: 503, actor: 'nobody' })
  })

  it('the request id may be in the body', async () => {
    const body = { type: 'error', error: { type: 'api_error', message: 'Internal server error' }, request_id: 'req_9' }
    vendor.answerWith(json(body, 500))
    expect(await thrownBy(() => ai('anthropic').chat.text(ONCE))).toMatchObject({ requestId: 'req_9' })
  })

  it('reset headers of 1970 make no wait', async () => {
    const body = { type: 'error', error: { type: 'rate_limit_error', message: 'Too fast.' } }
    vendor.answerWith(json(body, 429, { 'anthropic-ratelimit-tokens-reset': '1970-01-01T00:00:00Z' }))
    expect(await thrownBy(() => ai('anthropic').chat.text(ONCE))).toMatchObject({ retryAfter: undefined })
  })
})

describe('quirk 33 (Groq)', () => {
  it('tool calls come without a content key', async () => {
    const tool_calls = [{ id: 'qwdez2a6m', type: 'function', function: { name: 'get_file', arguments: '{}' } }]
    vendor.answerWith(json(chatCompletion({ tool_calls })))
    expect(await ai('groq').chat.text(ONCE)).toMatchObject({
      choices: [{ content: '' }],
      toolCalls: [{ id: 'qwdez2a6m', name: 'get_file', arguments: {} }],
    })
  })

  it('an error comes as an event inside a 200, without [DONE]', async () => {
    const error = { message: 'Failed to call a function.', type: 'invalid_request_error', code: 'tool_use_failed' }
    vendor.answerWith(
      sse([chunk({ reasoning: 'The' }), `event: error\ndata: ${JSON.stringify({ error, status_code: 400 })}\n\n`]),
    )
    expect(await thrownBy(() => collect(ai('groq').chat.stream(ONCE)))).toMatchObject({
      code: 'invalid-request',
      vendorCode: 'tool_use_failed',
      vendorMessage: 'Failed to call a function.',
    })
  })

  it('`reasoning` is the field of thoughts, and qwen thinks aloud in its text', async () => {
    const thoughts = await endOf('groq', [chunk({ reasoning: 'Hm.' }), chunk({ content: 'Yes.' }, finished), DONE])
    expect(thoughts.completion.choices[0]?.reasoning).toEqual([{ text: 'Hm.' }])
    vendor.answerWith(json(chatCompletion({ content: '<think>\nHm.\n</think>\n\nYes.' })))
    const aloud = await ai('groq').chat.text(ONCE)
    expect(aloud.choices[0]?.content).toBe('Yes.')
  })
})

describe('quirk 38 (Ollama)', () => {
  it('an error is a string, or an object on /v1', async () => {
    for (const error of ["model 'nobody' not found", { message: "model 'nobody' not found", type: 'api_error' }]) {
      vendor.answerWith(json({ error }, 404))
      expect(await thrownBy(() => ai('ollama').chat.text(ONCE))).toMatchObject({
        code: 'model-not-found',
        vendorMessage: "model 'nobody' not found",
      })
    }
  })

  it('a tool call may have no id, and `stop` beside it', async () => {
    const tool_calls = [{ function: { name: 'get_weather', arguments: { city: 'Paris' } } }]
    vendor.answerWith(json(chatCompletion({ content: '', tool_calls })))
    const { toolCalls, finishReason } = await ai('ollama').chat.text(ONCE)
    expect(toolCalls).toEqual([{ id: expect.stringMatching(/.+/), name: 'get_weather', arguments: { city: 'Paris' } }])
    expect(finishReason).toBe('tool-calls')
  })
})

describe('quirk 40 (gateways)', () => {
  it('no role is ever sent, no index, and tokens are null in early chunks', async () => {
    const usage = { prompt_tokens: 26, completion_tokens: null, total_tokens: null }
    const end = await endOf('openai-compatible', [
      chunk({}, { choices: [{ delta: { content: '1 + ' } }], usage }),
      chunk(
        {},
        {
          choices: [{ delta: { content: '1' }, finish_reason: 'stop' }],
          usage: { ...usage, completion_tokens: 5, total_tokens: 31 },
        },
      ),
    ])
    expect(end).toMatchObject({
      completeness: 'complete',
      completion: {
        choices: [{ role: 'assistant', content: '1 + 1' }],
        usage: { promptTokens: 26, completionTokens: 5, totalTokens: 31 },
      },
    })
  })
})

describe('quirk 42', () => {
  it('graphemes are split over deltas: nothing is trimmed or normalised', async () => {
    const pieces = [' \n', '👩', '\u200d', '👧', ' ❤', '\ufe0f', 'e', '\u0301', ' \n ']
    const openai = await endOf('openai', [...pieces.map((content) => chunk({ content })), chunk({}, finished), DONE])
    expect(openai.completion.choices[0]?.content).toBe(pieces.join(''))
    const deltas = pieces.map((piece) => ({ type: 'text_delta', text: piece }))
    const anthropic = await endOf('anthropic', messageEvents([{ start: { type: 'text', text: '' }, deltas }]))
    expect(anthropic.completion.choices[0]?.content).toBe(pieces.join(''))
  })
})
