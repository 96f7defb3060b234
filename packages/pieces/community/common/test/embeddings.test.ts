import { describe, expect, it } from 'vitest'
import { AI, type AiProvider, createAI } from '../src/index.ts'
import { type Answer, ASK, json, text, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const model = 'text-embedding-3-small'
const ai = (provider: string) => AI({ provider, server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
const embedding = (provider: string = 'openai') => {
  const found = ai(provider)
  if (!found.embedding) throw new Error(`${provider} makes embeddings.`)
  return found.embedding
}
const usage = (tokens: number) => ({ prompt_tokens: tokens, total_tokens: tokens })
const item = (index: number, ...numbers: number[]) => ({ object: 'embedding', index, embedding: numbers })
const reply = (...data: object[]) => json({ object: 'list', data, model, usage: usage(4) })
/** Answers each input with its own text as a number, last input first, in base64 where that is asked for. */
const echo: Answer = (response, request) => {
  const inputs = request.body['input']
  if (!Array.isArray(inputs)) throw new Error('The input is a list.')
  const data = inputs.map((input, index) => ({ index, embedding: base64(Number(input), 0.5) })).reverse()
  return json({ data, model, usage: usage(inputs.length) })(response, request)
}
const base64 = (...numbers: number[]) => {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) bytes.writeFloatLE(number, index * 4)
  return bytes.toString('base64')
}

describe('embedding.create', () => {
  it('gives one list of numbers for a text, asked for in base64 where the vendor takes it (quirk 9)', async () => {
    vendor.answerWith(json({ data: [{ index: 0, embedding: base64(0.25, -1) }], model, usage: usage(4) }))
    expect(await embedding().create({ model, input: 'A piece', dimensions: 2 })).toEqual({
      embeddings: [[0.25, -1]],
      model,
      usage: { promptTokens: 4, completionTokens: undefined, totalTokens: 4, raw: usage(4) },
    })
    expect(vendor.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/ai-providers/proxy/openai/v1/embeddings',
      headers: { authorization: 'Bearer engine-token-1' },
    })
    expect(vendor.requests[0]?.body).toEqual({ model, input: ['A piece'], dimensions: 2, encoding_format: 'base64' })
  })

  it('reads a list of numbers too, and gives all in the order of the inputs (M09)', async () => {
    vendor.answerWith(reply(item(2, 3, 3), item(0, 1, 1), item(1, 2, 2)))
    const { embeddings } = await embedding().create({ model, input: ['a', 'b', 'c'] })
    expect(embeddings).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
  })

  it('splits what the vendor does not take at once, and joins it in order', async () => {
    vendor.answerWith(echo)
    const input = Array.from({ length: 4100 }, (_, index) => String(index))
    const { embeddings, usage } = await embedding().create({ model, input })
    expect(vendor.requests.map(({ body }) => (Array.isArray(body['input']) ? body['input'].length : 0))).toEqual([
      2048, 2048, 4,
    ])
    expect(embeddings.map(([first]) => first)).toEqual(input.map(Number))
    expect(usage).toMatchObject({ promptTokens: 4100, totalTokens: 4100, completionTokens: undefined })
  })

  it('tries again only the batch that failed', async () => {
    const busy = json({ error: { message: 'Busy.' } }, 503, { 'retry-after-ms': '1' })
    vendor.answerWith(echo, busy, echo)
    const input = Array.from({ length: 2050 }, (_, index) => String(index))
    expect((await embedding().create({ model, input })).embeddings).toHaveLength(2050)
    expect(vendor.requests).toHaveLength(3)
  })

  it.each([
    ['mistral', { model: 'mistral-embed', output_dimension: 2 }],
    ['ollama', { model: 'nomic-embed-text', dimensions: 2 }],
    ['azure-openai', { model: 'my-deployment', dimensions: 2 }],
    ['openai-compatible', { model: 'any', dimensions: 2 }],
    ['openrouter', { model: 'openai/text-embedding-3-small', dimensions: 2 }],
    ['together', { model: 'any', dimensions: 2 }],
    ['fireworks', { model: 'any', dimensions: 2 }],
  ] satisfies [AiProvider, object][])('%s: sends what the vendor takes', async (provider, body) => {
    vendor.answerWith(reply(item(0, 1, 2)))
    const { embeddings } = await embedding(provider).create({ model: body.model, input: 'A piece', dimensions: 2 })
    expect(embeddings).toEqual([[1, 2]])
    expect(vendor.requests[0]?.path).toBe(`/api/v1/ai-providers/proxy/${provider}/v1/embeddings`)
    expect(vendor.requests[0]?.body).toEqual({ input: ['A piece'], ...body })
  })

  it("reads Perplexity's base64 of whole numbers, below a path of its own (quirk 9)", async () => {
    const bytes = Buffer.from([1, 0xff, 0x80]).toString('base64')
    vendor.answerWith(json({ data: [{ index: 0, embedding: bytes }] }))
    const { embeddings } = await embedding('perplexity').create({ model: 'pplx-embed-v1-4b', input: 'A piece' })
    expect(embeddings).toEqual([[1, -1, -128]])
    expect(vendor.requests[0]?.path).toBe('/api/v1/ai-providers/proxy/perplexity/v1/embeddings')
  })

  it('puts advanced options into the request as they are (R12)', async () => {
    vendor.answerWith(reply(item(0, 1)))
    const advancedOptions = { user: 'u-1', encoding_format: 'float' }
    await embedding().create({ model, input: 'A piece', advancedOptions })
    expect(vendor.requests[0]?.body).toEqual({ model, input: ['A piece'], ...advancedOptions })
  })
})

describe('embedding.create refuses', () => {
  it.each([
    [{ input: '' }, 'input', 'input is ""; expected a non-empty text, or a list of them.'],
    [{ input: [] }, 'input', 'input is a list of 0'],
    [{ input: ['a', ''] }, 'input[1]', 'input[1] is ""; expected a non-empty text.'],
    [{ input: 7 }, 'input', 'input is 7'],
    [{ dimensions: 0 }, 'dimensions', 'dimensions is 0; expected an integer of at least 1.'],
    [{ encoding_format: 'float' }, 'encoding_format', 'is not a parameter of this call; allowed: model, input'],
    [{ timeout: { idle: 1 } }, 'timeout.idle', 'timeout.idle is not a timeout of this call; allowed: total.'],
  ])('%j before anything is sent', async (wrong: object, parameter, words) => {
    vendor.answerWith(reply(item(0, 1)))
    const error = await thrownBy(() => embedding().create({ model, input: 'A piece', ...wrong }))
    expect(error).toMatchObject({ code: 'invalid-request', parameter, provider: 'openai' })
    expect(String(error)).toContain(words)
    expect(vendor.requests).toEqual([])
  })

  it('a model that is known to make none, and chat refuses one that makes them', async () => {
    vendor.answerWith(reply(item(0, 1)))
    const error = await thrownBy(() => embedding().create({ model: 'gpt-5.5', input: 'A piece' }))
    expect(error).toMatchObject({ code: 'unsupported', parameter: 'model' })
    expect(String(error)).toContain('text-embedding-3-small')
    expect(await thrownBy(() => ai('openai').chat.text({ ...ASK, model }))).toMatchObject({ code: 'unsupported' })
    expect(vendor.requests).toEqual([])
  })

  it.each([
    ['one too few', reply(item(0, 1)), 'The response has 1 embeddings for 2 inputs.'],
    ['one twice', reply(item(1, 1), item(1, 1)), 'The response has embedding 1 twice'],
    ['one that is shorter', reply(item(0, 1, 2), item(1, 1)), 'The response has 1 numbers in embedding 1'],
    ['words for numbers', reply(item(0, 1), { index: 1, embedding: ['x'] }), 'neither a list of numbers nor base64'],
    ['truncated base64', reply(item(0, 1), { index: 1, embedding: 'AAAAAAA=' }), 'truncated base64'],
    ['no JSON', text('Hello'), 'not a JSON object'],
    ['half of its JSON', text('{"a":', 200, { 'content-type': 'application/json' }), 'not JSON'],
  ])('a reply with %s', async (_what, answer, words) => {
    vendor.answerWith(answer)
    const error = await thrownBy(() => embedding().create({ model, input: ['a', 'b'] }))
    expect(error).toMatchObject({ code: 'invalid-reply', provider: 'openai', model })
    expect(String(error)).toContain(words)
  })

  it('a reply of another dimension than was asked for, also in a later batch', async () => {
    vendor.answerWith(reply(item(0, 1, 2, 3)))
    const error = await thrownBy(() => embedding().create({ model, input: 'a', dimensions: 2 }))
    expect(String(error)).toContain('has 3 numbers in embedding 0; expected 2')
    let calls = 0
    const chat = { text: async () => ({ choices: [] }) }
    const create = async () => ({ embeddings: [calls++ === 0 ? [1, 2] : [1]] })
    const toy = createAI({ provider: 'TOY', chat, embedding: { maxInputs: 1, create } }, 'toy')
    const late = await thrownBy(async () => toy.embedding?.create({ model: 'any', input: ['a', 'b'] }))
    expect(late).toMatchObject({ code: 'invalid-reply', provider: 'toy', model: 'any' })
  })

  it('to go on when it is aborted, or its time is over (A01, A05)', async () => {
    vendor.answerWith(() => {})
    const aborted = () => embedding().create({ model, input: 'a', signal: AbortSignal.abort() })
    expect(await thrownBy(aborted)).toMatchObject({ code: 'aborted' })
    expect(vendor.requests).toEqual([])
    const late = () => embedding().create({ model, input: 'a', timeout: { total: 50 }, retries: 0 })
    expect(await thrownBy(late)).toMatchObject({ code: 'timeout', parameter: 'timeout.total' })
  })
})
