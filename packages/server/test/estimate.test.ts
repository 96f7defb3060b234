import { expect, test } from 'vitest'
import { estimateCompletion, estimateRequest } from '../src/proxy/metering/estimate.ts'

const path = '/v1/chat/completions'
const request = (body: object | string, headers: Record<string, string> = {}) => {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return { path, headers: { 'content-length': String(bytes.length), ...headers }, body: bytes, bodyIsWhole: true }
}
const chat = (body: object | string, headers?: Record<string, string>, at = path) =>
  estimateRequest({ ...request(body, headers), path: at }, 'chat')
const response = (text: string, bytes = text.length, isWhole = true) =>
  estimateCompletion({ head: Buffer.from(text), tail: Buffer.alloc(0), isWhole }, bytes)

const IMAGE = 'iVBOR+/w'.repeat(4_000)

const GEMINI = '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse'
test.each([
  ['one limit', path, { max_tokens: 50 }, 50],
  ['the largest of several', path, { max_tokens: 1, max_completion_tokens: 900 }, 900],
  ['a number in a string', path, { max_tokens: '900' }, 900],
  ['inside a configuration', GEMINI, { generationConfig: { maxOutputTokens: 70 } }, 70],
  ['of Responses', '/v1/responses', { max_output_tokens: 80 }, 80],
  ['of Converse', '/model/nova/converse', { inferenceConfig: { maxTokens: 90 } }, 90],
  ['for each of several completions', path, { max_tokens: 50, n: 8 }, 400],
  ['for each of several candidates', GEMINI, { generationConfig: { maxOutputTokens: 70, candidateCount: 3 } }, 210],
])('a completion limit: %s', (_name, at, body, tokens) => {
  expect(chat(body, {}, at)).toMatchObject({ completionTokens: tokens, minCompletionTokens: tokens })
})

test.each([
  ['of another API', { maxOutputTokens: 1, max_output_tokens: 1, inferenceConfig: { maxTokens: 1 } }],
  ['of zero', { max_tokens: 0 }],
  ['that is negative', { max_tokens: -1 }],
  ['that is text', { max_tokens: 'many' }],
])('does not count a limit %s', (_name, body) => {
  expect(chat(body).completionTokens).toBe(4_096)
})

test('reads a request with very many fields', () => {
  const metadata = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`key-${index}`, 1]))
  expect(chat({ metadata }).promptTokens).toBeGreaterThan(500_000)
})

test('a request without a limit sets aside more than it needs to start', () => {
  expect(chat({ messages: [] })).toMatchObject({ completionTokens: 4_096, minCompletionTokens: 1_000 })
  expect(chat('{"broken')).toMatchObject({ completionTokens: 4_096 })
  expect(estimateRequest(request({ input: 'hi' }), 'embeddings')).toMatchObject({ completionTokens: 0 })
  expect(estimateRequest(request({ prompt: 'cat', n: 2 }), 'image')).toMatchObject({ completionTokens: 13_000 })
  expect(estimateRequest(request({ input: 'word '.repeat(800) }), 'speech').completionTokens).toBeGreaterThan(8_000)
})

test('text counts by its bytes, in any field', () => {
  const text = 'word '.repeat(8_000)
  expect(chat({ messages: [{ role: 'user', content: text }] }).promptTokens).toBeCloseTo(10_000, -2)
  // Text that looks like a file is text all the same.
  expect(chat({ messages: [{ content: [{ type: 'text', text: IMAGE }] }] }).promptTokens).toBeGreaterThan(8_000)
  expect(chat({ messages: [{ role: 'user', content: IMAGE }] }).promptTokens).toBeGreaterThan(8_000)
})

test.each([
  ['OpenAI', { content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${IMAGE}` } }] }],
  ['Anthropic', { content: [{ type: 'image', source: { type: 'base64', data: IMAGE } }] }],
  ['Gemini', { parts: [{ inlineData: { mimeType: 'image/png', data: IMAGE } }] }],
  ['Bedrock', { content: [{ image: { format: 'png', source: { bytes: IMAGE } } }] }],
])('an image does not count by its base64 length: %s', (_name, message) => {
  const { promptTokens } = chat({ messages: [message] })
  expect(promptTokens).toBeGreaterThanOrEqual(2_000)
  expect(promptTokens).toBeLessThan(2_100)
})

test('extrapolates a large request from its beginning', () => {
  const large = (body: string, length: number) =>
    estimateRequest(
      { path, headers: { 'content-length': String(length) }, body: Buffer.from(body), bodyIsWhole: false },
      'chat',
    ).promptTokens
  expect(large(`{"content":"${'word '.repeat(10_000)}`, 400_000)).toBe(100_000)
  expect(large(`{"data":"${IMAGE}`, 1_000_000)).toBeCloseTo(10_000, -2)
  expect(large(`{"data":"${IMAGE}"},{"text":"${'word '.repeat(1_000)}`, 400_000)).toBeGreaterThan(80_000)
  const form = { 'content-type': 'multipart/form-data; boundary=x', 'content-length': '5000000' }
  expect(
    estimateRequest({ path, headers: form, body: Buffer.from('--x'), bodyIsWhole: false }, 'transcription'),
  ).toMatchObject({
    promptTokens: 50_000,
  })
})

test('a chunked request that is whole in its first piece counts as it is, a longer one as a long prompt', () => {
  const chunked = (body: string) =>
    estimateRequest({ path, headers: {}, body: Buffer.from(body), bodyIsWhole: false }, 'chat').promptTokens
  expect(chunked('{"messages":[]}')).toBe(4)
  expect(chunked('{"messages":["')).toBe(100_000)
})

test('no input makes the estimate fail or negative', () => {
  const deep = '['.repeat(50_000) + ']'.repeat(50_000)
  for (const body of ['', '{}', '[]', 'null', '{"n":-5}', '{"n":1e99,"max_tokens":-1}', `{"a":${deep}}`, '\0\xff']) {
    const { promptTokens, completionTokens } = chat(body)
    expect(promptTokens).toBeGreaterThan(0)
    expect(completionTokens).toBeGreaterThan(0)
    expect(completionTokens).toBeLessThanOrEqual(4_096 * 128)
  }
  expect(estimateRequest({ path, headers: {}, body: null, bodyIsWhole: true }, 'chat').promptTokens).toBe(1)
})

test.each([
  ['chat completions', 'data: {"choices":[{"delta":{"content":"abcdefgh"}}]}', 2],
  ['messages', 'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"abcdefgh"}}', 2],
  ['responses', 'data: {"type":"response.output_text.delta","delta":"abcdefgh"}', 2],
  ['gemini', 'data: {"candidates":[{"content":{"parts":[{"text":"abcdefgh"}]}}]}', 2],
  ['arguments of a tool', 'data: {"delta":{"tool_calls":[{"function":{"arguments":"{\\"a\\":12}"}}]}}', 3],
  ['reasoning', 'data: {"choices":[{"delta":{"reasoning_content":"abcdefgh"}}]}', 2],
  ['what is cut off', 'data: {"choices":[{"delta":{"content":"abcdefgh', 2],
  ['short pieces, a token each', 'data: {"delta":"a"}\ndata: {"delta":"b"}\ndata: {"delta":""}', 2],
  ['plain JSON', '{"choices":[{"message":{"content":"abcdefgh"}}]}', 2],
])('a completion is counted by its text: %s', (_name, text, tokens) => {
  expect(response(text)).toBe(tokens)
})

test('extrapolates dropped bytes from kept ones, and ignores bytes without text', () => {
  const text = 'data: {"delta":"abcdefgh"}\n'
  expect(response(text, text.length * 50, false)).toBe(100)
  expect(response('{"data":[{"b64_json":"AAAA"}]}')).toBeUndefined()
  expect(response('')).toBeUndefined()
})
