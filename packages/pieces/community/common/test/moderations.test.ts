import { describe, expect, it } from 'vitest'
import { AI, createAI } from '../src/index.ts'
import { json, text, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const PNG = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
const moderation = (provider: string = 'openai') => {
  const ai = AI({ provider, server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
  if (!ai.moderation) throw new Error(`${provider} moderates.`)
  return ai.moderation
}
const result = (flagged: boolean | undefined, violence: boolean, score: number) => ({
  flagged,
  categories: { hate: false, violence },
  category_scores: { hate: 0.01, violence: score },
})
const reply = (...results: object[]) => json({ id: 'modr-1', model: 'omni-moderation-2024-09-26', results })

describe('moderation.create', () => {
  it('gives one verdict with its categories (M10), by the usual model when none is named', async () => {
    vendor.answerWith(reply(result(true, true, 0.9)))
    expect(await moderation().create({ input: 'I want to harm the robots' })).toEqual({
      flagged: true,
      categories: { hate: false, violence: true },
      scores: { hate: 0.01, violence: 0.9 },
      model: 'omni-moderation-2024-09-26',
      usage: undefined,
    })
    expect(vendor.requests[0]).toMatchObject({
      path: '/api/v1/ai-providers/proxy/openai/v1/moderations',
      body: { model: 'omni-moderation-latest', input: [{ type: 'text', text: 'I want to harm the robots' }] },
    })
  })

  it('takes images by URL, by base64 and as files of the framework', async () => {
    vendor.answerWith(reply(result(false, false, 0.1)))
    await moderation().create({
      model: 'omni-moderation-latest',
      input: [
        { type: 'text', text: 'A caption' },
        { type: 'image', image: { url: 'https://example.com/a.png' } },
        { type: 'image', image: { base64: PNG, mediaType: 'image/png' } },
        { type: 'image', image: { filename: 'a.png', data: Buffer.from(PNG, 'base64') } },
      ],
      advancedOptions: { user: 'u-1' },
    })
    const data = { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }
    expect(vendor.requests[0]?.body).toEqual({
      model: 'omni-moderation-latest',
      user: 'u-1',
      input: [
        { type: 'text', text: 'A caption' },
        { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
        data,
        data,
      ],
    })
  })

  it('makes one verdict of several results, and reads one from the categories where nobody says it (Mistral)', async () => {
    vendor.answerWith(reply(result(undefined, false, 0.2), result(undefined, true, 0.8)))
    const input = [
      { type: 'text' as const, text: 'a' },
      { type: 'text' as const, text: 'b' },
    ]
    expect(await moderation('mistral').create({ input })).toMatchObject({
      flagged: true,
      categories: { hate: false, violence: true },
      scores: { violence: 0.8 },
    })
    expect(vendor.requests[0]).toMatchObject({
      path: '/api/v1/ai-providers/proxy/mistral/v1/moderations',
      body: { model: 'mistral-moderation-latest', input: ['a', 'b'] },
    })
  })
})

describe('moderation.create refuses', () => {
  it.each([
    [{ input: '' }, 'input', 'invalid-request'],
    [{ input: [] }, 'input', 'invalid-request'],
    [{ input: [{ type: 'file', file: {} }] }, 'input[0].type', 'invalid-request'],
    [{ input: [{ type: 'image', image: 'x' }] }, 'input[0].image', 'invalid-request'],
    [{ text: 'x' }, 'text', 'invalid-request'],
    [{ model: 'gpt-5.5' }, 'model', 'unsupported'],
    [
      { input: [{ type: 'image', image: { base64: 'AAAA', mediaType: 'image/tiff' } }] },
      'input[0].image',
      'invalid-request',
    ],
  ])('%j before anything is sent', async (wrong: object, parameter, code) => {
    vendor.answerWith(reply(result(false, false, 0)))
    const error = await thrownBy(() => moderation().create({ input: 'A piece', ...wrong }))
    expect(error).toMatchObject({ code, parameter, provider: 'openai' })
    expect(vendor.requests).toEqual([])
  })

  it('an image where the vendor looks at none, before anything is sent', async () => {
    vendor.answerWith(reply(result(false, false, 0)))
    const image = { type: 'image' as const, image: { url: 'https://example.com/a.png' } }
    const error = await thrownBy(() => moderation('mistral').create({ input: [image] }))
    expect(error).toMatchObject({ code: 'unsupported', parameter: 'input[0]', provider: 'mistral' })
    expect(vendor.requests).toEqual([])
  })

  it('to choose a model where none is known', async () => {
    const create = async () => ({ flagged: false, categories: {}, scores: {} })
    const chat = { text: async () => ({ choices: [] }) }
    const toy = createAI({ provider: 'TOY', chat, moderation: { create } }, 'toy')
    const error = await thrownBy(async () => toy.moderation?.create({ input: 'A piece' }))
    expect(error).toMatchObject({ code: 'invalid-request', parameter: 'model' })
    expect(await toy.moderation?.create({ model: 'any', input: 'A piece' })).toMatchObject({ flagged: false })
  })

  it.each([
    ['no result', reply(), 'invalid-reply'],
    ['no category', reply({ flagged: false }), 'invalid-reply'],
    ['no JSON', text('Hello'), 'invalid-reply'],
    ['a bad key', json({ error: { message: 'No.', code: 'invalid_api_key' } }, 401), 'authentication'],
  ])('a reply with %s', async (_what, answer, code) => {
    vendor.answerWith(answer)
    expect(await thrownBy(() => moderation().create({ input: 'A piece' }))).toMatchObject({ code, provider: 'openai' })
  })

  it('to go on when it is aborted, or its time is over; and tries again after a passing failure', async () => {
    const busy = json({ error: { message: 'Busy.' } }, 503, { 'retry-after-ms': '1' })
    vendor.answerWith(busy, reply(result(false, false, 0)))
    expect(await moderation().create({ input: 'A piece' })).toMatchObject({ flagged: false })
    vendor.answerWith(() => {})
    const aborted = () => moderation().create({ input: 'A piece', signal: AbortSignal.abort() })
    expect(await thrownBy(aborted)).toMatchObject({ code: 'aborted' })
    expect(vendor.requests).toEqual([])
    const late = () => moderation().create({ input: 'A piece', timeout: { total: 50 }, retries: 0 })
    expect(await thrownBy(late)).toMatchObject({ code: 'timeout', parameter: 'timeout.total' })
  })
})
