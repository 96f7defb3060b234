// What vendors really send, line by line of the list of recorded quirks, where no other test has the line.
import { describe, expect, it } from 'vitest'
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
  text,
  thrownBy,
  useVendor,
} from './vendor.ts'

const vendor = await useVendor()

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

describe('quirk 30 (Azure OpenAI)', () => {
  it('a filtered reply has no message, and a filtered prompt is an error with status 200', async () => {
    vendor.answerWith(
      json(chatCompletion({}, { choices: [{ index: 0, finish_reason: 'content_filter', logprobs: null }] })),
    )
    const filtered = await ai('azure-openai').chat.text(ONCE)
    expect(filtered).toMatchObject({ finishReason: 'content-filter', choices: [{ content: '' }] })
    const error = { code: 'content_filter', message: 'The response was filtered.', innererror: { code: 'X' } }
    vendor.answerWith(json({ error }))
    expect(await thrownBy(() => ai('azure-openai').chat.text(ONCE))).toMatchObject({ code: 'content-filter' })
  })
})

describe('quirk 34 (DeepSeek)', () => {
  it('thoughts and cached tokens have names of their own', async () => {
    const usage = { prompt_tokens: 20, completion_tokens: 4, total_tokens: 24, prompt_cache_hit_tokens: 16 }
    vendor.answerWith(json(chatCompletion({ reasoning_content: 'Hm.', content: 'Yes.' }, { usage })))
    const { choices, usage: counted } = await ai('deepseek').chat.text(ONCE)
    expect(choices[0]?.reasoning).toEqual([{ text: 'Hm.' }])
    expect(counted.parts).toMatchObject({ uncached: 4, cacheRead: 16 })
  })

  it('a 422 is plain text, and a 401 has the wrong code', async () => {
    vendor.answerWith(text('Failed to deserialize the JSON body into the target type', 422))
    expect(await thrownBy(() => ai('deepseek').chat.text(ONCE))).toMatchObject({
      code: 'invalid-request',
      vendorMessage: expect.stringContaining('Failed to deserialize'),
    })
    const error = { message: 'Authentication Fails', type: 'authentication_error', code: 'invalid_request_error' }
    vendor.answerWith(json({ error }, 401))
    expect(await thrownBy(() => ai('deepseek').chat.text(ONCE))).toMatchObject({ code: 'authentication' })
  })
})

describe('quirk 35 (xAI)', () => {
  it('a wrong key is a 400 with the error as a text', async () => {
    for (const code of ['invalid-argument', 'Client specified an invalid argument']) {
      vendor.answerWith(json({ code, error: 'Incorrect API key provided: in***ey. See https://console.x.ai.' }, 400))
      expect(await thrownBy(() => ai('xai').chat.text(ONCE))).toMatchObject({ code: 'authentication', actor: 'admin' })
    }
  })

  it('no finish_reason until the end, and thoughts are counted beside the completion', async () => {
    const details = { completion_tokens_details: { reasoning_tokens: 222 } }
    const usage = { prompt_tokens: 32, completion_tokens: 9, total_tokens: 263, ...details }
    const early = chunk({}, { choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes.' } }] })
    const end = await endOf('xai', [early, chunk({}, finished), chunk({}, { choices: [], usage }), DONE])
    expect(end.completion.choices[0]?.content).toBe('Yes.')
    expect(end.completion.usage).toMatchObject({ completionTokens: 231, reasoningTokens: 222, parts: { output: 9 } })
  })
})

describe('quirk 36 (OpenRouter)', () => {
  it('comments, a role in each delta, and an error chunk with choices after a finish reason', async () => {
    const role = { role: 'assistant', content: 'Yes.' }
    const end = await endOf('openrouter', [
      ': OPENROUTER PROCESSING\n\n',
      chunk(role),
      chunk({ ...role, content: '' }, finished),
      DONE,
    ])
    expect(end).toMatchObject({ completeness: 'complete', completion: { choices: [{ content: 'Yes.' }] } })
    const error = { code: 502, message: 'Upstream failed.' }
    vendor.answerWith(sse([chunk(role), chunk({}, finished), chunk(role, { error }), DONE]))
    expect(await thrownBy(() => collect(ai('openrouter').chat.stream(ONCE)))).toMatchObject({
      code: 'server-error',
      partial: { choices: [{ content: 'Yes.' }] },
    })
  })

  it('`reasoning_details` come in pieces, sealed by the vendor behind, and go back joined and in order', async () => {
    const index = { index: 0, format: 'anthropic-claude-v1' }
    const details = (...list: object[]) => chunk({ role: 'assistant', content: '', reasoning_details: list })
    const { completion } = await endOf('openrouter', [
      details(),
      details({ type: 'reasoning.text', text: '', signature: '', ...index }),
      chunk({ reasoning: 'Hm', reasoning_details: [{ type: 'reasoning.text', text: 'Hm', ...index }] }),
      chunk({ reasoning: '.', reasoning_details: [{ type: 'reasoning.text', text: '.', ...index }] }),
      details({ type: 'reasoning.text', signature: 'sealed', ...index }),
      details({ type: 'reasoning.encrypted', data: 'abc', id: 'rs_1', index: 0, format: 'openai-responses-v1' }),
      chunk({ content: 'Yes.' }),
      chunk({}, finished),
      DONE,
    ])
    const [choice] = completion.choices
    expect(choice?.reasoning).toMatchObject([{ text: 'Hm.', signedBy: 'openrouter' }])
    vendor.answerWith(json(chatCompletion({ content: 'Yes.' })))
    if (!choice) throw new Error('no choice')
    const messages = [...ASK.messages, choice, { role: 'user' as const, content: 'Sure?' }]
    await ai('openrouter').chat.text({ ...ONCE, messages })
    expect(vendor.requests[0]?.body['messages']).toMatchObject([
      {},
      {
        role: 'assistant',
        content: 'Yes.',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Hm.', signature: 'sealed', ...index },
          { type: 'reasoning.encrypted', data: 'abc', id: 'rs_1', index: 0, format: 'openai-responses-v1' },
        ],
      },
      {},
    ])
    const spoilt = {
      ...choice,
      role: 'assistant' as const,
      content: '',
      reasoning: [{ text: '', signature: 'x', signedBy: 'openrouter' }],
    }
    const ask = () => ai('openrouter').chat.text({ ...ONCE, messages: [spoilt, ...ASK.messages] })
    expect(await thrownBy(ask)).toMatchObject({ code: 'invalid-request', parameter: 'messages' })
  })

  it("a 429 has its cause in the vendor's own words", async () => {
    const metadata = { provider_name: 'Google', raw: 'gemini is temporarily rate-limited upstream.' }
    vendor.answerWith(json({ error: { code: 429, message: 'Provider returned error', metadata } }, 429))
    expect(await thrownBy(() => ai('openrouter').chat.text(ONCE))).toMatchObject({
      code: 'rate-limit',
      vendorMessage: 'Provider returned error: gemini is temporarily rate-limited upstream.',
    })
  })
})

describe('quirk 37 (Perplexity)', () => {
  it('delta beside the cumulative message, usage in each chunk, CRLF, no [DONE]', async () => {
    const pieces = ['1 ', '2 ', '3']
    const events = pieces.map((content, index) => {
      const message = { role: 'assistant', content: pieces.slice(0, index + 1).join('') }
      const usage = { prompt_tokens: 8, completion_tokens: index + 1, total_tokens: 9 + index }
      return chunk({}, { choices: [{ index: 0, delta: { role: 'assistant', content }, message }], usage })
    })
    const last = {
      object: 'chat.completion.done',
      choices: [{ index: 0, message: { content: '1 2 3' }, delta: { content: '' }, finish_reason: 'stop' }],
    }
    const lines = [
      ...events,
      chunk({}, { ...last, usage: { prompt_tokens: 8, completion_tokens: 3, total_tokens: 11 } }),
    ]
    const end = await endOf(
      'perplexity',
      lines.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`),
    )
    expect(end).toMatchObject({
      completeness: 'complete',
      completion: { choices: [{ content: '1 2 3' }], usage: { totalTokens: 11 } },
    })
  })

  it('a 401 may be a page of nginx', async () => {
    vendor.answerWith(text('<html><head><title>401 Authorization Required</title></head></html>', 401))
    expect(await thrownBy(() => ai('perplexity').chat.text(ONCE))).toMatchObject({ code: 'authentication' })
  })
})

describe('quirk 32 (Mistral)', () => {
  it('errors come in three shapes', async () => {
    const shapes = [
      [401, { detail: 'Invalid API Key' }, 'authentication'],
      [
        429,
        { object: 'error', message: 'Rate limit exceeded', type: 'rate_limited', param: null, code: '1300' },
        'rate-limit',
      ],
      [500, { message: 'Service unavailable.', request_id: 'r1' }, 'server-error'],
    ] as const
    for (const [status, body, code] of shapes) {
      vendor.answerWith(json(body, status))
      const vendorMessage = 'detail' in body ? body.detail : body.message
      expect(await thrownBy(() => ai('mistral').chat.text(ONCE))).toMatchObject({ code, status, vendorMessage })
    }
  })

  it('ids of tool calls have nine letters and digits', async () => {
    vendor.answerWith(json(chatCompletion({ content: 'Yes.' })))
    const toolCalls = [{ id: 'toolu_01ABC-from-elsewhere', name: 'f', arguments: {} }]
    const messages = [
      ...ASK.messages,
      { role: 'assistant' as const, content: '', toolCalls },
      { role: 'tool' as const, toolCallId: 'toolu_01ABC-from-elsewhere', content: 'ok' },
    ]
    await ai('mistral').chat.text({ ...ONCE, messages, tools: [{ name: 'f' }] })
    const [, call, result] = Object(vendor.requests[0]?.body['messages'])
    expect(call.tool_calls[0].id).toMatch(/^[a-zA-Z0-9]{9}$/)
    expect(result.tool_call_id).toBe(call.tool_calls[0].id)
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

describe.each(['constructor', 'toString', '__proto__', 'valueOf'])(
  'a vendor that says %s where a word is expected',
  (word) => {
    it('is read as with any unknown word', async () => {
      vendor.answerWith(json(chatCompletion({ content: 'Hi' }, { choices: [choice(word)] })))
      expect(await ai('openai').chat.text(ONCE)).toMatchObject({ finishReason: 'other' })

      const error = { type: word, code: word, message: 'No.' }
      vendor.answerWith(json({ error }, 400))
      expect(await thrownBy(() => ai('openai').chat.text(ONCE))).toMatchObject({ code: 'invalid-request' })

      vendor.answerWith(json({ error }, 400, { 'x-ai-proxy-error': word }))
      expect(await thrownBy(() => ai('openai').chat.text(ONCE))).toMatchObject({ code: 'invalid-request' })
    })

    const choice = (finish_reason: string) => ({
      index: 0,
      message: { role: 'assistant', content: 'Hi' },
      finish_reason,
    })
  },
)
