import { describe, expect, it } from 'vitest'
import { AI, type AiProvider, createAI } from '../src/index.ts'
import { ASK, chatCompletion, collect, json, text, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const PNG = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
const JPEG = Buffer.from('ffd8ffe0', 'hex').toString('base64')
const prompt = 'A piece'
const ai = (provider: string = 'openai') => AI({ provider, server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
const image = () => {
  const openai = ai()
  if (!openai.image) throw new Error('OpenAI makes images.')
  return openai.image
}

describe('ai.image', () => {
  it.each([
    ['openai', true],
    ['anthropic', false],
    ['groq', false],
    ['ollama', false],
  ] satisfies [AiProvider, boolean][])('%s: %s', (provider, images) => {
    expect(ai(provider).image !== undefined).toBe(images)
  })

  it('works for a provider that is not in the registry', () => {
    const chat = { text: async () => ({ choices: [] }) }
    const generate = async () => ({ images: [{ base64: PNG, mediaType: 'image/png' }] })
    expect(createAI({ provider: 'TOY', chat }, 'toy').image).toBeUndefined()
    expect(createAI({ provider: 'TOY', chat, image: { generate } }, 'toy').image).toBeDefined()
  })
})

describe('a model that lacks what the call needs', () => {
  const model: string = 'gpt-image-2'
  const calls = {
    'chat.text': () => ai().chat.text({ ...ASK, model }),
    'chat.stream': () => collect(ai().chat.stream({ ...ASK, model })),
    'chat.object': () => ai().chat.object({ ...ASK, model, schema: { type: 'object', properties: {} } }),
    'chat.objectStream': () => collect(ai().chat.objectStream({ ...ASK, model, schema: { type: 'string' } })),
    'chat.run': () => collect(ai().chat.run({ ...ASK, model, tools: [] })),
    explain: () => ai().explain({ ...ASK, model }),
    'openai@eu': () => ai('openai@eu').chat.text({ ...ASK, model }),
  }

  it.each(Object.entries(calls))('%s: a typed error before anything is sent', async (_name, call) => {
    vendor.answerWith(json(chatCompletion({ content: 'Yes.' })))
    const error = await thrownBy(call)
    expect(error).toMatchObject({ code: 'unsupported', actor: 'flow-author', model, parameter: 'model' })
    expect(String(error)).toContain('The model gpt-image-2 does not support text. Models that do: gpt-6.1-sol, ')
    expect(vendor.requests).toEqual([])
  })

  it('image.generate: a typed error before anything is sent', async () => {
    vendor.answerWith(json({ data: [{ b64_json: PNG }] }))
    const error = await thrownBy(() => image().generate({ model: 'gpt-5.5', prompt }))
    expect(error).toMatchObject({ code: 'unsupported', provider: 'openai', model: 'gpt-5.5', parameter: 'model' })
    expect(String(error)).toContain('gpt-image-2')
    expect(vendor.requests).toEqual([])
  })

  it('a model that nobody has heard of is asked', async () => {
    vendor.answerWith(json(chatCompletion({ content: 'Yes.' })), json({ data: [{ b64_json: PNG }] }))
    await ai().chat.text({ ...ASK, model: 'of-tomorrow' })
    await image().generate({ model: 'of-tomorrow', prompt })
    expect(vendor.requests.map((request) => request.body['model'])).toEqual(['of-tomorrow', 'of-tomorrow'])
  })
})

describe('image.generate', () => {
  it('gives images with the type of their bytes (M06, M8)', async () => {
    const usage = { input_tokens: 5, output_tokens: 100, total_tokens: 105 }
    vendor.answerWith(json({ data: [{ b64_json: PNG }, { b64_json: JPEG }], output_format: 'png', usage }))
    const reply = await image().generate({ model: 'gpt-image-2', prompt, n: 2, size: '1024x1024' })
    expect(reply).toEqual({
      images: [
        { base64: PNG, mediaType: 'image/png' },
        { base64: JPEG, mediaType: 'image/jpeg' },
      ],
      usage: { promptTokens: 5, completionTokens: 100, totalTokens: 105, raw: usage },
    })
    expect(vendor.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/ai-providers/proxy/openai/v1/images/generations',
      body: { model: 'gpt-image-2', prompt, n: 2, size: '1024x1024' },
    })
  })

  it('sends nothing that is not set, and advanced options as they are (R12)', async () => {
    vendor.answerWith(json({ data: [{ b64_json: 'AAAA' }], output_format: 'svg' }))
    const reply = await image().generate({ model: 'gpt-image-2', prompt, advancedOptions: { quality: 'low' } })
    expect(vendor.requests[0]?.body).toEqual({ model: 'gpt-image-2', prompt, quality: 'low', stream: false })
    expect(reply.images).toEqual([{ base64: 'AAAA', mediaType: 'image/svg+xml' }])
  })

  it.each([
    [{ prompt: ' ' }, 'prompt'],
    [{ n: 11 }, 'n'],
    [{ quality: 'low' }, 'quality'],
    [{ timeout: { idle: 1 } }, 'timeout.idle'],
  ])('refuses %j before anything is sent', async (wrong: object, parameter) => {
    vendor.answerWith(json({ data: [] }))
    const error = await thrownBy(() => image().generate({ model: 'gpt-image-2', prompt, ...wrong }))
    expect(error).toMatchObject({ code: 'invalid-request', parameter, provider: 'openai' })
    expect(vendor.requests).toEqual([])
  })

  it('tries again after a passing failure, and makes an AIError of the last', async () => {
    const busy = json({ error: { message: 'Busy.' } }, 503, { 'retry-after-ms': '1' })
    vendor.answerWith(busy, json({ data: [{ b64_json: PNG }] }))
    expect((await image().generate({ model: 'gpt-image-2', prompt })).images).toHaveLength(1)
    vendor.answerWith(json({ error: { message: 'No.', code: 'content_policy_violation' } }, 400))
    const refused = await thrownBy(() => image().generate({ model: 'gpt-image-2', prompt }))
    expect(refused).toMatchObject({ code: 'content-filter', status: 400, model: 'gpt-image-2' })
    expect(vendor.requests).toHaveLength(1)
  })

  it.each([
    ['no image', json({ data: [] }), 'invalid-reply'],
    ['no JSON', text('Hello'), 'invalid-reply'],
    ['an error inside a 200', json({ error: { code: 'insufficient_quota', message: 'No.' } }), 'out-of-credit'],
  ])('with %s is an error', async (_what, answer, code) => {
    vendor.answerWith(answer)
    expect(await thrownBy(() => image().generate({ model: 'gpt-image-2', prompt }))).toMatchObject({ code })
  })

  it('ends when it is aborted, or its time is over (A01, A05)', async () => {
    vendor.answerWith(() => {})
    const aborted = () => image().generate({ model: 'gpt-image-2', prompt, signal: AbortSignal.abort() })
    expect(await thrownBy(aborted)).toMatchObject({ code: 'aborted' })
    expect(vendor.requests).toEqual([])
    const late = () => image().generate({ model: 'gpt-image-2', prompt, timeout: { total: 50 }, retries: 0 })
    expect(await thrownBy(late)).toMatchObject({ code: 'timeout', parameter: 'timeout.total' })
  })
})
