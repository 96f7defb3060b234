import { AI, type AIChatStreamEvent } from '@activepieces/pieces-common'
import { startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import Anthropic from '@anthropic-ai/sdk'
import { encodeEventStreamMessage } from '@copilotkit/aimock'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// The unmodified official clients, pointed at the proxy with an engine token instead of the vendor's key.
let upstream: Upstream
let server: TestServer
let openai: OpenAI
let anthropic: Anthropic

beforeAll(async () => {
  upstream = await startUpstream()
  server = await startServer()
  await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: 'sk-openai-known' })
  await server.connections.save({ provider: 'anthropic', baseUrl: upstream.url, apiKey: 'sk-anthropic-known' })
  const apiKey = await server.token()
  const proxy = `${server.url}/api/v1/ai-providers/proxy`
  openai = new OpenAI({ apiKey, baseURL: `${proxy}/openai/v1`, maxRetries: 0 })
  anthropic = new Anthropic({ apiKey, baseURL: `${proxy}/anthropic`, maxRetries: 0 })
})

afterAll(async () => {
  await server.stop()
  await upstream.close()
})

const ask = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'hi' }] }
const askClaude = { ...ask, model: 'claude-any', max_tokens: 10 }

const sse = (...events: [name: string, data: unknown][]) =>
  events
    .map(
      ([name, data]) =>
        `${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`,
    )
    .join('')

describe('openai', () => {
  test('text', async () => {
    upstream.answer((_request, response) =>
      json(
        response,
        200,
        { id: 'c', choices: [{ index: 0, message: { role: 'assistant', content: 'hello' } }] },
        { 'x-request-id': 'r1' },
      ),
    )
    const reply = await openai.chat.completions.create(ask)
    expect([reply.choices[0]?.message.content, reply._request_id]).toEqual(['hello', 'r1'])
    expect(upstream.last().url).toBe('/v1/chat/completions')
    expect(upstream.last().headers.authorization).toBe('Bearer sk-openai-known')
  })

  test('stream', async () => {
    const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] })
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(sse(['', delta('he')], ['', delta('llo')], ['', '[DONE]']))
    })
    let text = ''
    for await (const chunk of await openai.chat.completions.create({ ...ask, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? ''
    }
    expect(text).toBe('hello')
  })

  test.each([
    [401, OpenAI.AuthenticationError],
    [429, OpenAI.RateLimitError],
    [500, OpenAI.InternalServerError],
  ])('the vendor’s %i', async (status, type) => {
    const error = { message: 'vendor words', type: 't', code: 'vendor_code', param: null }
    upstream.answer((_request, response) => json(response, status, { error }, { 'retry-after': '2' }))
    const thrown = await openai.chat.completions.create(ask).catch((caught: unknown) => caught)
    expect(thrown).toBeInstanceOf(type)
    expect(thrown).toMatchObject({ status, code: 'vendor_code', message: expect.stringContaining('vendor words') })
  })

  test('our own errors are parsed like the vendor’s', async () => {
    const lost = new OpenAI({ apiKey: 'nonsense', baseURL: openai.baseURL, maxRetries: 0 })
    await expect(lost.models.list()).rejects.toMatchObject({
      status: 401,
      code: 'engine-token-invalid',
      type: 'authentication_error',
    })
  })

  test('an abort closes the vendor’s connection', async () => {
    const written = Promise.withResolvers<boolean>()
    upstream.answer((_request, response) => {
      response
        .on('close', () => written.resolve(response.writableEnded))
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(sse(['', { choices: [] }]))
    })
    const stream = await openai.chat.completions.create({ ...ask, stream: true })
    for await (const _chunk of stream) stream.controller.abort()
    expect(await written.promise).toBe(false)
  })
})

describe('anthropic', () => {
  test('text, with the token as x-api-key', async () => {
    upstream.answer((_request, response) =>
      json(
        response,
        200,
        { id: 'm', type: 'message', role: 'assistant', content: [{ type: 'text', text: 'hello' }] },
        { 'request-id': 'r2' },
      ),
    )
    const reply = await anthropic.messages.create(askClaude)
    expect([reply.content[0], reply._request_id]).toEqual([{ type: 'text', text: 'hello' }, 'r2'])
    expect(upstream.last().headers).toMatchObject({
      'x-api-key': 'sk-anthropic-known',
      'anthropic-version': expect.any(String),
    })
    expect(upstream.last().headers.authorization).toBeUndefined()
  })

  test('stream', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const start = { type: 'message_start', message: { id: 'm', role: 'assistant', content: [], usage: {} } }
      const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }
      const delta = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } }
      response.end(
        sse(
          ['message_start', start],
          ['content_block_start', block],
          ['content_block_delta', delta],
          ['message_stop', { type: 'message_stop' }],
        ),
      )
    })
    expect(await anthropic.messages.stream(askClaude).finalText()).toBe('hello')
  })

  test.each([
    [401, Anthropic.AuthenticationError],
    [429, Anthropic.RateLimitError],
    [529, Anthropic.InternalServerError],
  ])('the vendor’s %i', async (status, type) => {
    const error = { type: 'vendor_type', message: 'vendor words' }
    upstream.answer((_request, response) => json(response, status, { type: 'error', error }))
    const thrown = await anthropic.messages.create(askClaude).catch((caught: unknown) => caught)
    expect(thrown).toBeInstanceOf(type)
    expect(thrown).toMatchObject({ status, message: expect.stringContaining('vendor words') })
  })

  test('our own errors are parsed like the vendor’s', async () => {
    const lost = new Anthropic({ apiKey: 'nonsense', baseURL: anthropic.baseURL, maxRetries: 0 })
    const thrown = await lost.messages.create(askClaude).catch((caught: unknown) => caught)
    expect(thrown).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(thrown).toMatchObject({
      type: 'authentication_error',
      message: expect.stringContaining('not an engine token'),
    })
  })
})

describe('@activepieces/pieces-common@0.4.1', () => {
  test('lists the providers with its engine token and finds them by data[].provider', async () => {
    const { status, json } = await server.call('GET', '/api/v1/ai-providers', { key: await server.token() })
    expect(status).toBe(200)
    expect(json.data.map(({ provider }: { provider: string }) => provider)).toEqual(['openai', 'anthropic'])
    expect([json.next, json.previous]).toEqual([null, null])
  })

  test('its Anthropic client sends the token as x-api-key and as Authorization', async () => {
    upstream.answer((_request, response) => json(response, 200, { content: [] }))
    const token = await server.token()
    const defaultHeaders = { Authorization: `Bearer ${token}` }
    const client = new Anthropic({ apiKey: token, baseURL: anthropic.baseURL, defaultHeaders })
    await client.messages.create(askClaude)
    expect(JSON.stringify(upstream.last().rawHeaders)).not.toContain(token)
    expect(upstream.last().headers['x-api-key']).toBe('sk-anthropic-known')
  })
})

describe('amazon bedrock, which has no client: the library itself', () => {
  const PROFILE = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3'
  const question = { model: PROFILE, messages: [{ role: 'user' as const, content: 'hi' }], retries: 0 }
  const bedrock = async () => {
    await server.connections.save({ provider: 'amazon-bedrock', baseUrl: upstream.url, apiKey: 'ABSK-known' })
    return AI({ provider: 'amazon-bedrock', server: { apiUrl: `${server.url}/api/`, token: await server.token() } })
  }
  const id = { 'x-amzn-requestid': 'r4' }

  test('text: an ARN is one step of the path, colons and slashes encoded all the way', async () => {
    const message = { role: 'assistant', content: [{ text: 'hello' }] }
    upstream.answer((_request, response) => json(response, 200, { output: { message }, stopReason: 'end_turn' }, id))
    const completion = await (await bedrock()).chat.text(question)
    expect(completion).toMatchObject({ id: 'r4', choices: [{ content: 'hello' }] })
    expect(upstream.last().url).toBe(
      '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fa1b2c3/converse',
    )
    expect(upstream.last().headers.authorization).toBe('Bearer ABSK-known')
  })

  test('stream: frames come through byte by byte', async () => {
    const frames = Buffer.concat([
      encodeEventStreamMessage('messageStart', { role: 'assistant' }),
      encodeEventStreamMessage('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hello' }, p: 'abc' }),
      encodeEventStreamMessage('messageStop', { stopReason: 'end_turn' }),
      encodeEventStreamMessage('metadata', { usage: { inputTokens: 9, outputTokens: 4, totalTokens: 13 } }),
    ])
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', ...id }).end(frames)
    })
    const events: AIChatStreamEvent[] = []
    for await (const event of (await bedrock()).chat.stream({ ...question, model: 'amazon.nova-pro-v1:0' }))
      events.push(event)
    expect(events.map(({ type }) => type)).toEqual(['text-delta', 'end'])
    expect(events.at(-1)).toMatchObject({ completeness: 'complete', completion: { id: 'r4' } })
    expect(upstream.last().url).toBe('/model/amazon.nova-pro-v1%3A0/converse-stream')
  })

  test("the vendor's kind of failure stands in a header, and comes through", async () => {
    const kind = { 'x-amzn-errortype': 'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/' }
    upstream.answer((_request, response) => json(response, 429, { message: 'Too many requests' }, { ...kind, ...id }))
    const asked = (await bedrock()).chat.text(question)
    await expect(asked).rejects.toMatchObject({
      code: 'rate-limit',
      vendorCode: 'ThrottlingException',
      requestId: 'r4',
    })
  })
})

describe('gemini, which has no client: the library itself', () => {
  const reply = {
    candidates: [{ content: { parts: [{ text: 'hello' }], role: 'model' }, finishReason: 'STOP' }],
    responseId: 'r3',
  }
  const question = { model: 'gemini-3.8-flash', messages: [{ role: 'user' as const, content: 'hi' }], retries: 0 }
  const gemini = async (token?: string) => {
    await server.connections.save({ provider: 'gemini', baseUrl: upstream.url, apiKey: 'AIza-known' })
    return AI({ provider: 'gemini', server: { apiUrl: `${server.url}/api/`, token: token ?? (await server.token()) } })
  }

  test('text: the model in the path, the key as x-goog-api-key', async () => {
    upstream.answer((_request, response) => json(response, 200, reply))
    const completion = await (await gemini()).chat.text(question)
    expect(completion).toMatchObject({ id: 'r3', choices: [{ content: 'hello' }] })
    expect(upstream.last().url).toBe('/v1beta/models/gemini-3.8-flash:generateContent')
    expect(upstream.last().headers['x-goog-api-key']).toBe('AIza-known')
    expect(upstream.last().headers.authorization).toBeUndefined()
  })

  test('stream: the query is kept', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(['', reply]))
    })
    const events: AIChatStreamEvent[] = []
    for await (const event of (await gemini()).chat.stream(question)) events.push(event)
    expect(events.map(({ type }) => type)).toEqual(['text-delta', 'end'])
    expect(upstream.last().url).toBe('/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse')
  })

  test('our own errors are told from the vendor’s', async () => {
    await expect((await gemini('nonsense')).chat.text(question)).rejects.toMatchObject({ code: 'engine-token' })
  })
})
