// What Gemini has besides chat: embeddings, images by two methods, and its list of models.
import { describe, expect, it } from 'vitest'
import { AI, capabilitiesOf, listModels } from '../src/index.ts'
import { type Answer, json, thrownBy, useVendor } from './vendor.ts'

const vendor = await useVendor()
const PNG = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')
const JPEG = Buffer.from('ffd8ffe000104a464946', 'hex').toString('base64')

const server = () => ({ apiUrl: vendor.apiUrl, token: 'engine-token-1' })
const gemini = () => {
  const { image, embedding } = AI({ provider: 'gemini', server: server() })
  if (!image || !embedding) throw new Error('Gemini has images and embeddings.')
  return { image, embedding }
}
const paths = () => vendor.requests.map(({ path }) => path.split('/proxy/gemini')[1])

describe('embedding.create', () => {
  const embed = (params: object = {}) =>
    gemini().embedding.create({ model: 'gemini-embedding-2', input: ['a', 'b'], retries: 0, ...params })
  const reply: Answer = (response, request) => {
    const requests = Array.isArray(request.body['requests']) ? request.body['requests'] : []
    const embeddings = requests.map(({ content }) => ({ values: [content.parts[0].text.length, 1] }))
    return json({ embeddings, usageMetadata: { promptTokenCount: requests.length } })(response, request)
  }

  it('asks for all texts at once, each with the model and the dimension', async () => {
    vendor.answerWith(reply)
    const { embeddings, usage } = await embed({ dimensions: 2, advancedOptions: { taskType: 'RETRIEVAL_QUERY' } })
    expect([embeddings, usage?.promptTokens]).toEqual([
      [
        [1, 1],
        [1, 1],
      ],
      2,
    ])
    expect(paths()).toEqual(['/v1beta/models/gemini-embedding-2:batchEmbedContents'])
    const one = { model: 'models/gemini-embedding-2', outputDimensionality: 2, taskType: 'RETRIEVAL_QUERY' }
    expect(vendor.requests[0]?.body).toEqual({
      requests: ['a', 'b'].map((text) => ({ ...one, content: { parts: [{ text }] } })),
    })
    expect(vendor.requests[0]?.headers).toMatchObject({ authorization: 'Bearer engine-token-1' })
  })

  it('asks several times for more than 100, and keeps their order', async () => {
    vendor.answerWith(reply)
    const input = Array.from({ length: 150 }, (_, index) => 'x'.repeat(index + 1))
    const { embeddings, usage } = await embed({ input })
    expect(embeddings.map(([length]) => length)).toEqual(input.map(({ length }) => length))
    expect([vendor.requests.length, usage?.promptTokens]).toEqual([2, 150])
  })

  it.each([
    [{ embeddings: [{ values: [1] }] }, '1 embeddings for 2 inputs'],
    [{ embeddings: [{ values: ['1'] }, { values: [1] }] }, 'not a list of numbers'],
    [{}, '0 embeddings for 2 inputs'],
  ])('refuses a reply like %j', async (body, words) => {
    vendor.answerWith(json(body))
    const error = await thrownBy(embed)
    expect(error).toMatchObject({ code: 'invalid-reply', provider: 'gemini' })
    expect(String(error)).toContain(words)
  })
})

describe('image.generate', () => {
  const generate = (params: object = {}) =>
    gemini().image.generate({ model: 'gemini-3.1-flash-image', prompt: 'A red piece', retries: 0, ...params })
  const said = (parts: object[], rest: object = {}) =>
    json({
      candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP', ...rest }],
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 9, totalTokenCount: 14 },
    })
  const image = (data: string, rest: object = {}) => ({ inlineData: { mimeType: 'image/png', data }, ...rest })

  it('asks for an image as a reply, each by a request of its own; their bytes tell the type', async () => {
    vendor.answerWith(said([{ text: 'Here:' }, image(PNG)]), said([image(JPEG)]))
    const { images, usage } = await generate({
      n: 2,
      size: '1536x1024',
      advancedOptions: { generationConfig: { seed: 1 }, safetySettings: [] },
    })
    expect(images.map(({ mediaType }) => mediaType).sort()).toEqual(['image/jpeg', 'image/png'])
    expect(usage).toMatchObject({ promptTokens: 10, completionTokens: 18, totalTokens: 28 })
    expect(paths()).toEqual(Array(2).fill('/v1beta/models/gemini-3.1-flash-image:generateContent'))
    expect(vendor.requests[0]?.body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'A red piece' }] }],
      generationConfig: { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '3:2' }, seed: 1 },
      safetySettings: [],
    })
  })

  it('an image that it tried while it thought is not the reply', async () => {
    vendor.answerWith(said([image(JPEG, { thought: true }), { text: 'Better:', thought: true }, image(PNG)]))
    expect((await generate()).images).toEqual([{ base64: PNG, mediaType: 'image/png' }])
  })

  it.each<[string, Answer, object]>([
    ['words instead', said([{ text: 'I cannot draw.' }]), { code: 'invalid-reply', vendorMessage: 'I cannot draw.' }],
    [
      'nothing, for its filter',
      said([], { finishReason: 'IMAGE_SAFETY', finishMessage: 'Unable to show the image.' }),
      { code: 'content-filter', vendorMessage: 'Unable to show the image.' },
    ],
    [
      'no candidate, for its filter',
      json({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }),
      { code: 'content-filter' },
    ],
    [
      'an error inside a 200',
      json({ error: { code: 503, status: 'UNAVAILABLE', message: 'Busy.' } }),
      { code: 'overloaded' },
    ],
  ])('gives an error for %s', async (_what, answer, error) => {
    vendor.answerWith(answer)
    expect(await thrownBy(generate)).toMatchObject({ provider: 'gemini', ...error })
  })

  it('refuses a size that is no width and height before anything is sent', async () => {
    vendor.answerWith(said([image(PNG)]))
    expect(await thrownBy(() => generate({ size: 'auto' }))).toMatchObject({
      code: 'invalid-request',
      parameter: 'size',
    })
    expect(vendor.requests).toEqual([])
  })

  it('asks the Imagen models by predict, for all images at once', async () => {
    vendor.answerWith(json({ predictions: [{ bytesBase64Encoded: PNG, mimeType: 'image/png' }] }))
    const { images } = await generate({
      model: 'imagen-4.0-generate-001',
      n: 3,
      size: '1024x1024',
      advancedOptions: { parameters: { personGeneration: 'dont_allow' } },
    })
    expect(images).toEqual([{ base64: PNG, mediaType: 'image/png' }])
    expect(paths()).toEqual(['/v1beta/models/imagen-4.0-generate-001:predict'])
    expect(vendor.requests[0]?.body).toEqual({
      instances: [{ prompt: 'A red piece' }],
      parameters: { sampleCount: 3, aspectRatio: '1:1', personGeneration: 'dont_allow' },
    })
    vendor.answerWith(json({ predictions: [{ raiFilteredReason: 'Blocked.' }] }))
    expect(await thrownBy(() => generate({ model: 'imagen-4.0-generate-001' }))).toMatchObject({
      code: 'content-filter',
    })
    vendor.answerWith(json({}))
    expect(await thrownBy(() => generate({ model: 'imagen-4.0-generate-001' }))).toMatchObject({
      code: 'invalid-reply',
    })
  })

  it('image.edit sends the images beside the prompt, and takes no mask', async () => {
    vendor.answerWith(said([image(PNG)]))
    const params = {
      model: 'gemini-2.5-flash-image',
      prompt: 'Blue, please',
      images: [{ base64: JPEG, mediaType: 'image/jpeg' }],
    }
    const edit = (rest: object = {}) => gemini().image.edit({ ...params, retries: 0, ...rest })
    expect((await edit()).images).toHaveLength(1)
    expect(vendor.requests[0]?.body).toMatchObject({
      contents: [
        { role: 'user', parts: [{ text: 'Blue, please' }, { inlineData: { mimeType: 'image/jpeg', data: JPEG } }] },
      ],
    })
    vendor.answerWith(said([image(PNG)]))
    expect(await thrownBy(() => edit({ mask: { base64: PNG, mediaType: 'image/png' } }))).toMatchObject({
      code: 'unsupported',
      parameter: 'mask',
    })
    expect(await thrownBy(() => edit({ model: 'imagen-4.0-generate-001' }))).toMatchObject({ code: 'unsupported' })
    expect(await thrownBy(() => edit({ images: [{ url: 'https://example.com/a.png' }] }))).toMatchObject({
      code: 'invalid-request',
      parameter: 'images[0]',
    })
    expect(vendor.requests).toEqual([])
  })
})

describe('listModels', () => {
  it('follows all pages, and goes by the methods that serve a model', async () => {
    const page = (models: object[], nextPageToken?: string) => json({ models, nextPageToken })
    const model = (name: string, ...supportedGenerationMethods: string[]) => ({
      name: `models/${name}`,
      displayName: name.toUpperCase(),
      supportedGenerationMethods,
    })
    vendor.answerWith(
      page([model('gemini-9', 'generateContent', 'countTokens'), model('gemini-9-image', 'generateContent')], 'next=1'),
      page([model('words-9', 'embedContent'), model('paint-9', 'predict'), model('veo-9', 'predictLongRunning')], '2'),
      json({}), // the last one has nothing more, and says so by saying nothing
    )
    const { models, live } = await listModels({ provider: 'gemini', server: server() })
    expect(live).toBe(true)
    const others = models.slice(-5).map((one) => [one.value, one.label, ...capabilitiesOf(one)])
    expect(others).toEqual([
      ['gemini-9', 'GEMINI-9', 'text'],
      ['gemini-9-image', 'GEMINI-9-IMAGE', 'image'],
      ['words-9', 'WORDS-9', 'embedding'],
      ['paint-9', 'PAINT-9', 'image'],
      ['veo-9', 'VEO-9'],
    ])
    expect(paths()).toEqual([
      '/v1beta/models?pageSize=1000',
      '/v1beta/models?pageSize=1000&pageToken=next%3D1',
      '/v1beta/models?pageSize=1000&pageToken=2',
    ])
  })

  it('a server that gives no list at all is not the vendor', async () => {
    vendor.answerWith(json({}))
    const other = { ...server(), apiUrl: `${vendor.apiUrl}other/` }
    const { live, reason } = await listModels({ provider: 'gemini', server: other })
    expect([live, reason?.code]).toEqual([false, 'invalid-reply'])
  })
})
