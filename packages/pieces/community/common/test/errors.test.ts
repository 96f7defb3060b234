import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { AI, AIError } from '../src/index.ts'
import { toAIError } from '../src/lib/ai/errors/read.ts'
import {
  type Answer,
  ASK,
  chatCompletion,
  collect,
  json,
  sse,
  startVendor,
  text,
  thrownBy,
  useVendor,
} from './vendor.ts'

const vendor = await useVendor()

const openai = (...answers: Answer[]) => {
  vendor.answerWith(...answers)
  return thrownBy(() => vendor.openai().chat.text(ASK))
}
const anthropic = (...answers: Answer[]) => {
  vendor.answerWith(...answers)
  return thrownBy(() => vendor.anthropic().chat.text(ASK))
}
/** Answers that must not be tried again say so, or the test would wait. */
const final = { 'x-should-retry': 'false' }
const openaiError = (status: number, error: object | string | null, headers = {}) =>
  json({ error }, status, { ...final, ...headers })
const anthropicError = (status: number, type: string, words: string, headers = {}) =>
  json({ type: 'error', error: { type, message: words }, request_id: 'req_1' }, status, { ...final, ...headers })

describe("OpenAI's errors", () => {
  it.each([
    [
      400,
      {
        message: "Unsupported parameter: 'stop'",
        type: 'invalid_request_error',
        param: 'stop',
        code: 'unsupported_parameter',
      },
      'invalid-request',
      'flow-author',
    ],
    [400, { message: 'Too long', code: 'context_length_exceeded' }, 'context-length', 'flow-author'],
    [400, { message: 'Refused', code: 'content_policy_violation' }, 'content-filter', 'flow-author'],
    [
      401,
      { message: 'Incorrect API key', type: 'invalid_request_error', code: 'invalid_api_key' },
      'authentication',
      'admin',
    ],
    [402, { message: 'Pay' }, 'out-of-credit', 'admin'],
    [403, { message: 'Country not supported' }, 'permission', 'admin'],
    [404, { message: 'The model `x` does not exist', code: 'model_not_found' }, 'model-not-found', 'flow-author'],
    [400, { message: 'The model `x` does not exist', code: 'model_not_found' }, 'model-not-found', 'flow-author'],
    [404, { message: 'Invalid URL (POST /v2)' }, 'not-found', 'admin'],
    [408, { message: 'Slow' }, 'timeout', 'nobody'],
    [409, { message: 'Busy' }, 'conflict', 'nobody'],
    [413, { message: 'Big' }, 'too-large', 'flow-author'],
    [422, { message: 'Odd' }, 'invalid-request', 'flow-author'],
    [429, { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' }, 'rate-limit', 'nobody'],
    [
      429,
      { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' },
      'out-of-credit',
      'admin',
    ],
    [
      429,
      { message: 'Request too large for gpt-5.5', type: 'tokens', code: 'rate_limit_exceeded' },
      'too-large',
      'flow-author',
    ],
    [500, { message: 'Oops', type: 'server_error' }, 'server-error', 'vendor'],
    [503, { message: 'Overloaded' }, 'overloaded', 'nobody'],
    [504, { message: 'Gateway' }, 'timeout', 'nobody'],
  ])('%i %j is %s, and %s must act', async (status, error, code, actor) => {
    const thrown = await openai(openaiError(status, error, { 'x-request-id': 'req_9' }))
    expect(thrown).toBeInstanceOf(AIError)
    expect(thrown).toMatchObject({
      status,
      code,
      actor,
      provider: 'openai',
      model: 'some-model',
      requestId: 'req_9',
      vendorMessage: error.message,
    })
    expect(thrown).toHaveProperty('remedy', expect.stringMatching(/\.$/))
    expect(thrown).toHaveProperty('cause', expect.any(Error))
  })

  it('that name a parameter reach the caller with that name (M4)', async () => {
    const error = {
      message: "Unsupported parameter: 'max_tokens' is not supported with this model.",
      param: 'max_tokens',
      code: 'unsupported_parameter',
    }
    expect(await openai(openaiError(400, error))).toMatchObject({ parameter: 'max_tokens', message: error.message })
  })

  it.each([
    [
      'a text',
      json({ error: 'Something broke' }, 500, final),
      { code: 'server-error', vendorMessage: 'Something broke' },
    ],
    ['a list', json([{ error: { message: 'Listed' } }], 500, final), { code: 'server-error', status: 500 }],
    ['HTML', text('<html>Bad gateway</html>', 502, final), { code: 'server-error', status: 502 }],
    ['nothing', text('', 503, final), { code: 'overloaded', status: 503 }],
  ])('that are %s', async (_what, answer, expected) => {
    expect(await openai(answer)).toMatchObject(expected)
  })

  it.each([
    ['an error inside a 200', json({ error: { message: 'Filtered', code: 'content_filter' } }), 'content-filter'],
    ['an empty body', text(''), 'invalid-reply'],
    ['no JSON', text('<html>'), 'invalid-reply'],
    ['no choices', json({ id: 'x' }), 'invalid-reply'],
  ])('a 200 with %s is an error', async (_what, answer, code) => {
    expect(await openai(answer)).toMatchObject({ code, provider: 'openai' })
  })
})

describe("Anthropic's errors", () => {
  it.each([
    [400, 'invalid_request_error', 'prompt is too long: 200016 tokens > 200000 maximum', 'context-length'],
    [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.', 'out-of-credit'],
    [401, 'authentication_error', 'invalid x-api-key', 'authentication'],
    [403, 'permission_error', 'Not allowed', 'permission'],
    [404, 'not_found_error', 'model: claude-nobody', 'model-not-found'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'too-large'],
    [429, 'rate_limit_error', 'Too many tokens', 'rate-limit'],
    [500, 'api_error', 'Internal server error', 'server-error'],
    [529, 'overloaded_error', 'Overloaded', 'overloaded'],
  ])('%i %s "%s" is %s', async (status, type, words, code) => {
    const thrown = await anthropic(anthropicError(status, type, words, { 'request-id': 'req_1' }))
    expect(thrown).toMatchObject({
      status,
      code,
      vendorMessage: words,
      vendorCode: type,
      requestId: 'req_1',
      provider: 'anthropic',
    })
  })
})

describe('waiting and trying again', () => {
  const ok = json(chatCompletion({ content: 'Yes.' }))
  const tooFast = (headers: Record<string, string>) => json({ error: { message: 'Slow down' } }, 429, headers)

  it('a passing error is tried again, after the wait that the vendor asks for (A06)', async () => {
    vendor.answerWith(tooFast({ 'retry-after': '0' }), tooFast({ 'retry-after-ms': '5' }), ok)
    expect(await vendor.openai().chat.text(ASK)).toMatchObject({ choices: [{ content: 'Yes.' }] })
    expect(vendor.requests).toHaveLength(3)
  })

  it('three times at most', async () => {
    expect(await openai(tooFast({ 'retry-after': '0' }))).toMatchObject({
      code: 'rate-limit',
      retryable: true,
      retryAfter: 0,
    })
    expect(vendor.requests).toHaveLength(3)
  })

  it('not without credit (E4)', async () => {
    const error = { message: 'You exceeded your current quota', code: 'insufficient_quota' }
    expect(await openai(json({ error }, 429, { 'retry-after': '0' }))).toMatchObject({
      code: 'out-of-credit',
      retryable: false,
    })
    expect(vendor.requests).toHaveLength(1)
  })

  it('not when the vendor says so (quirk 22)', async () => {
    expect(await anthropic(anthropicError(429, 'rate_limit_error', 'Too big'))).toMatchObject({ retryable: false })
    expect(vendor.requests).toHaveLength(1)
  })

  it('not when the wait would be long: the caller is told', async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString()
    const error = await openai(tooFast({ 'retry-after': date }))
    expect(error).toMatchObject({ code: 'rate-limit', retryable: true })
    expect((error as AIError).retryAfter).toBeGreaterThan(3_500)
    expect(vendor.requests).toHaveLength(1)
  })
})

describe('what else is thrown', () => {
  it('a server that is not there', async () => {
    const gone = await startVendor()
    await gone.close()
    const error = await thrownBy(() => gone.openai().chat.text(ASK))
    expect(error).toMatchObject({ code: 'unreachable', actor: 'admin', retryable: true })
    expect(String(error)).toContain('ECONNREFUSED')
  })

  it("our proxy's own errors say who must act", async () => {
    const own = (status: number, code: string) =>
      json({ type: 'error', error: { type: 'x', code, message: code } }, status, { 'x-ai-proxy-error': code, ...final })
    expect(await openai(own(401, 'engine-token-expired'))).toMatchObject({ code: 'engine-token' })
    expect(await openai(own(401, 'engine-token-revoked'))).toMatchObject({ code: 'engine-token' })
    expect(await anthropic(own(404, 'connection-not-found'))).toMatchObject({ code: 'not-configured', actor: 'admin' })
    expect(await openai(own(502, 'vendor-unreachable'))).toMatchObject({ code: 'unreachable' })
    expect(await openai(own(504, 'idle-timeout'))).toMatchObject({ code: 'timeout' })
  })

  it('an error of our server keeps its actor and remedy, also as a bare object without headers', async () => {
    const told = { actor: 'admin', remedy: 'Allow the origin.', retryable: false } as const
    const error = { type: 'api_error', code: 'address-refused', message: 'Not public.', param: null, ...told }
    const expected = { code: 'unreachable', ...told }
    const marked = json({ type: 'error', error }, 502, { 'x-ai-proxy-error': 'address-refused', ...final })
    expect(await openai(marked)).toMatchObject({ ...expected, status: 502 })
    expect(await anthropic(marked)).toMatchObject({ ...expected, status: 502 })
    expect(toAIError(error, {})).toMatchObject(expected)
    expect(await openai(json({ error }, 502, final))).toMatchObject({ code: 'server-error', actor: 'vendor' })
  })

  it("a vendor's bare error object, as the page's factory throws it (E1)", () => {
    const bare = {
      message: 'Incorrect API key provided',
      type: 'invalid_request_error',
      code: 'invalid_api_key',
      param: null,
    }
    const error = toAIError(bare, { provider: 'your-ai-provider', model: 'model-1' })
    expect(error).toBeInstanceOf(AIError)
    expect(error).toMatchObject({ code: 'authentication', provider: 'your-ai-provider', model: 'model-1', cause: bare })
    expect(String(error)).toBe('AIError: Incorrect API key provided')
  })

  it.each([['a text'], [undefined], [null], [42], [new Error('bug')], [{}]])('%s becomes an AIError too', (thrown) => {
    expect(toAIError(thrown, { provider: 'p' })).toMatchObject({ name: 'AIError', provider: 'p', code: 'unknown' })
  })

  it('carries no key, in none of its forms', () => {
    const secrets = [
      'sk-proj-abc123DEF456',
      'sk-ant-api03-xyz_987',
      'eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl',
      'gsk_1234567890',
    ]
    for (const secret of secrets) {
      const error = toAIError({ message: `Incorrect key ${secret} given`, code: 'invalid_api_key' }, { provider: 'p' })
      expect(error.message + error.vendorMessage + error.stack + JSON.stringify(error)).not.toContain(secret)
    }
  })

  it('prints as JSON without its cause', () => {
    const error = new AIError({
      code: 'rate-limit',
      message: 'Slow',
      status: 429,
      cause: new Error('inner'),
      partial: { a: 1 },
    })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name: 'AIError',
      code: 'rate-limit',
      message: 'Slow',
      status: 429,
      retryable: true,
      actor: 'nobody',
      remedy: 'Wait and try again: too many requests.',
    })
  })
})

describe('events of a 200 stream that are errors have no status', () => {
  const streamed = async (provider: 'openai' | 'anthropic', error: object) => {
    vendor.answerWith(sse([{ type: 'error', error }]))
    return thrownBy(() => collect(vendor[provider]().chat.stream({ ...ASK, retries: 0 })))
  }

  it.each([
    ['invalid_request_error', 'Bad tool.', 'invalid-request'],
    ['invalid_api_key', 'Bad key.', 'authentication'],
    ['overloaded_error', 'Overloaded.', 'overloaded'],
    ['something_new', 'Hm.', 'unknown'],
  ])('%s: their type tells', async (type, words, code) => {
    for (const provider of ['openai', 'anthropic'] as const) {
      expect(await streamed(provider, { type, message: words })).toMatchObject({ code, status: undefined, provider })
    }
  })

  it('where there is a status, it says more than `invalid_request_error`', async () => {
    expect(await openai(openaiError(404, { message: 'No.', type: 'invalid_request_error' }))).toMatchObject({
      code: 'not-found',
    })
  })
})

describe('a hostile vendor', () => {
  const nested = (depth: number) => `${'{"error":'.repeat(depth)}1${'}'.repeat(depth)}`

  it.each(['openai', 'anthropic', 'gemini', 'cohere', 'amazon-bedrock', 'mistral'] as const)(
    'gets an AIError for an error that is nested very deep: %s',
    async (provider) => {
      vendor.answerWith(text(nested(50_000), 500, { 'content-type': 'application/json', ...final }))
      const ai = AI({ provider, server: { apiUrl: vendor.apiUrl, token: 'engine-token' } })
      const error = await thrownBy(() => ai.chat.text({ ...ASK, retries: 0 }))
      expect(error).toBeInstanceOf(AIError)
      expect(error).toMatchObject({ provider })
    },
  )

  it('does not put a key into any field of the error, or into what Node prints', async () => {
    const key = 'sk-proj-0123456789abcdef'
    const error = await openai(
      openaiError(400, { message: key, type: key, code: key, param: key }, { 'x-request-id': key }),
    )
    expect(JSON.stringify(error)).not.toContain(key)
    expect(inspect(error)).not.toContain(key)
    expect(inspect(error)).toContain('"vendorCode": "[redacted]"')
  })

  it('may send errors whose causes form a circle', () => {
    const error = new Error('first')
    error.cause = new Error('second', { cause: error })
    expect(toAIError(error, {})).toMatchObject({ code: 'unknown' })
  })
})

describe('AI()', () => {
  it.each([
    [undefined, 'server.apiUrl is ""'],
    [{}, 'server.apiUrl is ""'],
    [{ apiUrl: 'localhost', token: 't' }, 'server.apiUrl is "localhost"'],
  ])('says what is wrong with the server %j', (server, message) => {
    // @ts-expect-error: a caller in JavaScript
    const error = thrownSync(() => AI({ provider: 'openai', server }))
    expect(error).toMatchObject({ code: 'invalid-request', parameter: 'server.apiUrl' })
    expect(String(error)).toContain(message)
  })
})

function thrownSync(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown.')
}
