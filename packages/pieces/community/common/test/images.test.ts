import { describe, expect, it } from 'vitest'
import { AI, createAI } from '../src/index.ts'
import { json, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const base64 = PNG.toString('base64')
const image = { base64, mediaType: 'image/png' }
const model = 'gpt-image-2'
const prompt = 'A red piece'
const images = () => {
  const ai = AI({ provider: 'openai', server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
  if (!ai.image) throw new Error('OpenAI makes images.')
  return ai.image
}
const reply = json({ data: [{ b64_json: base64 }], usage: { input_tokens: 5, output_tokens: 9, total_tokens: 14 } })
/** The fields of the form that was sent, in order: a file by its name and type. */
const form = async () => {
  const { text = '', headers } = vendor.requests[0] ?? {}
  const sent = await new Response(text, { headers: { 'content-type': headers?.['content-type'] ?? '' } }).formData()
  return [...sent].map(([name, value]) => [name, typeof value === 'string' ? value : `${value.name} ${value.type}`])
}

describe('image.edit', () => {
  it('sends images, a mask and words as a form, and gives images', async () => {
    vendor.answerWith(reply)
    const edited = await images().edit({
      model,
      prompt,
      images: [image, { filename: 'b.png', data: PNG }],
      mask: { ...image, filename: 'mask.png' },
      size: '1024x1024',
      n: 1,
      advancedOptions: { quality: 'low' },
    })
    expect(edited).toMatchObject({ images: [{ base64, mediaType: 'image/png' }], usage: { totalTokens: 14 } })
    expect(vendor.requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/ai-providers/proxy/openai/v1/images/edits',
      headers: { authorization: 'Bearer engine-token-1' },
    })
    expect((await form()).sort()).toEqual(
      [
        ['model', model],
        ['prompt', prompt],
        ['n', '1'],
        ['size', '1024x1024'],
        ['image[]', 'image.png image/png'],
        ['image[]', 'b.png image/png'],
        ['mask', 'mask.png image/png'],
        ['quality', 'low'],
      ].sort(),
    )
  })

  it('fits what was made: an image that came can be sent', async () => {
    vendor.answerWith(reply)
    const made = await images().generate({ model, prompt })
    expect((await images().edit({ model, prompt, images: made.images })).images).toHaveLength(1)
  })

  it.each([
    [{ images: [] }, 'images', 'invalid-request', 'images is a list of 0; expected a list of 1 to 16 images.'],
    [{ images: ['x'] }, 'images[0]', 'invalid-request', 'images[0] is "x"; expected { base64, mediaType }'],
    [{ images: [{ url: 'https://example.com/a.png' }] }, 'images[0]', 'invalid-request', 'images[0] is a URL'],
    [{ mask: { base64, mediaType: 'image/gif' } }, 'mask', 'invalid-request', 'mask is image/gif; expected image/png'],
    [{ mask: { filename: 'm.txt', data: Buffer.from('x') } }, 'mask (m.txt)', 'invalid-request', 'of an unknown type'],
    [{ model: 'gpt-5.5' }, 'model', 'unsupported', 'gpt-image-2'],
    [{ quality: 'low' }, 'quality', 'invalid-request', 'is not a parameter of this call'],
  ])('refuses %j before anything is sent (M03)', async (wrong: object, parameter, code, words) => {
    vendor.answerWith(reply)
    const error = await thrownBy(() => images().edit({ model, prompt, images: [image], ...wrong }))
    expect(error).toMatchObject({ code, parameter, provider: 'openai' })
    expect(String(error)).toContain(words)
    expect(vendor.requests).toEqual([])
  })

  it('is unsupported where the vendor only makes images', async () => {
    const chat = { text: async () => ({ choices: [] }) }
    const toy = createAI({ provider: 'TOY', chat, image: { generate: async () => ({ images: [] }) } }, 'toy')
    const error = await thrownBy(async () => toy.image?.edit({ model: 'any', prompt, images: [image] }))
    expect(error).toMatchObject({ code: 'unsupported', provider: 'toy', model: 'any' })
  })

  it('tries again after a passing failure, and ends when its time is over', async () => {
    vendor.answerWith(json({ error: { message: 'Busy.' } }, 503, { 'retry-after-ms': '1' }), reply)
    expect((await images().edit({ model, prompt, images: [image] })).images).toHaveLength(1)
    expect(vendor.requests).toHaveLength(2)
    vendor.answerWith(() => {})
    const late = () => images().edit({ model, prompt, images: [image], timeout: { total: 50 }, retries: 0 })
    expect(await thrownBy(late)).toMatchObject({ code: 'timeout', parameter: 'timeout.total' })
  })

  it('is not sent on to another place', async () => {
    vendor.answerWith((response) => void response.writeHead(307, { location: `${vendor.apiUrl}elsewhere` }).end())
    const error = await thrownBy(() => images().edit({ model, prompt, images: [image] }))
    expect(error).toMatchObject({ code: 'not-found', status: 307 })
    expect(vendor.requests.filter(({ path }) => path.endsWith('elsewhere'))).toEqual([])
  })
})

describe('the images of xAI', () => {
  const xai = () => {
    const ai = AI({ provider: 'xai', server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
    if (!ai.image) throw new Error('xAI makes images.')
    return ai.image
  }
  const asked = { model: 'grok-imagine-image', prompt, retries: 0 }

  it('are asked for by their bytes, in a ratio', async () => {
    vendor.answerWith(reply)
    expect((await xai().generate({ ...asked, n: 2, size: '1024x1536' })).images).toEqual([image])
    expect(vendor.requests[0]?.body).toEqual({
      model: asked.model,
      prompt,
      n: 2,
      aspect_ratio: '2:3',
      response_format: 'b64_json',
    })
  })

  it('are read where they lie when an address comes all the same; one that cannot be read is an error', async () => {
    const url = `${vendor.apiUrl}a.png`
    vendor.answerWith(json({ data: [{ url }] }), (response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(PNG)
    })
    expect((await xai().generate(asked)).images).toEqual([image]) // the bytes tell the type
    expect(vendor.requests[1]?.headers.authorization).toBeUndefined()
    vendor.answerWith(json({ data: [{ url }] }), json({}, 403))
    expect(await thrownBy(() => xai().generate(asked))).toMatchObject({ code: 'invalid-reply', provider: 'xai' })
  })

  it('are not changed', async () => {
    expect(await thrownBy(() => xai().edit({ ...asked, images: [image] }))).toMatchObject({ code: 'unsupported' })
  })
})

it('Together expects width and height instead of a size, and does not support editing', async () => {
  vendor.answerWith(reply)
  const { image: together } = AI({ provider: 'together', server: { apiUrl: vendor.apiUrl, token: 'engine-token-1' } })
  if (!together) throw new Error('Together makes images.')
  const asked = { model: 'black-forest-labs/FLUX.1-schnell' as const, prompt }
  await together.generate({ ...asked, size: '1024x1536' })
  expect(vendor.requests[0]?.body).toEqual({ ...asked, width: 1024, height: 1536 })
  const wrong = await thrownBy(() => together.generate({ ...asked, size: 'large' }))
  expect(wrong).toMatchObject({ code: 'invalid-request', parameter: 'size' })
  expect(await thrownBy(() => together.edit({ ...asked, images: [image] }))).toMatchObject({ code: 'unsupported' })
})
