import { AI, AIError, capabilitiesOf, listModels, supports } from '@activepieces/pieces-common'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Exchange, loadExchanges, startReplayServer } from '../src/index.ts'

/** Old ways of asking, which no client has any more: engines and deployments in the path, and Ollama's own API. */
const OLD = /\/engines\/|\/deployments\/test-azure|\/api\/embed$/

const all = await loadExchanges(({ path }) => !OLD.test(path))
const of = (vendor: string, api: string) => all.filter((exchange) => exchange.vendor === vendor && exchange.api === api)

let vendor: Awaited<ReturnType<typeof startReplayServer>>
beforeAll(async () => {
  vendor = await startReplayServer()
})
afterAll(() => vendor.close())

/** The AI of a provider, whose vendor answers with the exchange. */
function replaying(provider: string, exchange: Exchange) {
  vendor.put('media', exchange, { bytes: 1021 })
  return AI({ provider, server: { apiUrl: vendor.urlOf('media'), token: 'engine-token' } })
}

describe.each(['openai', 'mistral', 'ollama', 'azure-openai', 'openrouter', 'perplexity'])(
  'recorded embeddings of %s',
  (provider) => {
    const exchanges = of(provider, 'embeddings')
    it(`come through as recorded: ${exchanges.length} exchanges`, async () => {
      for (const exchange of exchanges) {
        const ai = replaying(provider, exchange)
        if (!supports(ai, 'embedding')) throw new Error(`${provider} makes embeddings.`)
        const { input, dimensions } = requestOf(exchange)
        const params = { model: 'any', input, dimensions, retries: 0 }
        if (exchange.status >= 400) {
          const error = await ai.embedding.create(params).catch((thrown: unknown) => thrown)
          expect(error).toBeInstanceOf(AIError)
          expect(error).toMatchObject({ status: exchange.status, code: 'model-not-found' })
          continue
        }
        const { embeddings, usage } = await ai.embedding.create(params)
        const recorded = JSON.parse(exchange.responseBody)
        const right = recorded.data.map((item: { embedding: number[] | string }) => first(item.embedding, provider))
        expect(embeddings.map(([number]) => number)).toEqual(right)
        expect(usage?.promptTokens).toBe(recorded.usage?.prompt_tokens)
      }
    })
  },
)

function requestOf({ requestBody }: Exchange): { input: string[]; dimensions: number | undefined } {
  // SAFETY: recorded requests are what the vendors' APIs take.
  const { input = 'a', dimensions } = (requestBody ?? {}) as { input?: string | string[]; dimensions?: number }
  return { input: [input].flat(), dimensions }
}

/** The first number of an embedding, read apart from the library. */
function first(embedding: number[] | string, provider: string): number | undefined {
  if (typeof embedding !== 'string') return embedding[0]
  const bytes = Buffer.from(embedding, 'base64')
  return provider === 'perplexity' ? bytes.readInt8(0) : bytes.readFloatLE(0)
}

describe('recorded embeddings of gemini', () => {
  const exchanges = of('gemini', 'embeddings').filter(({ path }) => path.endsWith(':batchEmbedContents'))
  it(`come through as recorded, and what we send is what was sent: ${exchanges.length} exchanges`, async () => {
    for (const exchange of exchanges) {
      const ai = replaying('gemini', exchange)
      if (!supports(ai, 'embedding')) throw new Error('Gemini makes embeddings.')
      // SAFETY: recorded requests are what the vendor's API takes.
      const { requests } = exchange.requestBody as {
        requests: { content: { parts: { text: string }[] }; outputDimensionality?: number; taskType?: string }[]
      }
      const { outputDimensionality: dimensions, taskType } = requests[0] ?? {}
      const input = requests.map(({ content }) => content.parts[0]?.text ?? '')
      const params = { model: /models\/([^:]+)/.exec(exchange.path)?.[1] ?? '', input, dimensions, retries: 0 }
      const outcome = await ai.embedding
        .create({ ...params, ...(taskType && { advancedOptions: { taskType } }) })
        .catch((thrown: unknown) => thrown)
      expect(JSON.parse(vendor.lastOf('media'))).toEqual(exchange.requestBody)
      if (exchange.status >= 400) {
        expect(outcome).toMatchObject({ name: 'AIError', status: exchange.status, code: 'model-not-found' })
        continue
      }
      const { embeddings, usageMetadata } = JSON.parse(exchange.responseBody)
      expect(outcome).toMatchObject({
        embeddings: embeddings.map(({ values }: { values: number[] }) => values),
        usage: usageMetadata && { promptTokens: usageMetadata.promptTokenCount },
      })
    }
  })
})

describe('recorded embeddings of cohere', () => {
  const exchanges = of('cohere', 'embeddings').filter(({ path }) => path === '/v2/embed')
  it(`come through as recorded: ${exchanges.length} exchanges`, async () => {
    for (const exchange of exchanges) {
      const ai = replaying('cohere', exchange)
      if (!supports(ai, 'embedding')) throw new Error('Cohere makes embeddings.')
      // SAFETY: recorded requests are what the vendor's API takes.
      const { model, texts } = exchange.requestBody as { model: string; texts: string[] }
      const { embeddings, usage } = await ai.embedding.create({ model, input: texts, retries: 0 })
      const recorded = JSON.parse(exchange.responseBody)
      expect(embeddings).toEqual(recorded.embeddings.float)
      expect(usage?.promptTokens).toBe(recorded.meta.billed_units.input_tokens)
    }
  })
})

describe('recorded moderations of openai', () => {
  const exchanges = of('openai', 'moderations').filter(({ method }) => method === 'POST')
  it(`come through as recorded: ${exchanges.length} exchanges`, async () => {
    for (const exchange of exchanges) {
      const ai = replaying('openai', exchange)
      if (!supports(ai, 'moderation')) throw new Error('OpenAI moderates.')
      const outcome = await ai.moderation.create({ input: 'a', retries: 0 }).catch((thrown: unknown) => thrown)
      if (exchange.status >= 400) {
        expect(outcome).toMatchObject({ name: 'AIError', status: exchange.status, code: 'authentication' })
        continue
      }
      const recorded = JSON.parse(exchange.responseBody)
      const { flagged, categories, category_scores: scores } = recorded.results[0]
      expect(outcome).toMatchObject({ flagged, categories, scores, model: recorded.model })
    }
  })
})

describe.each(['openai', 'xai'])('recorded images of %s', (provider) => {
  const exchanges = of(provider, 'images')
  it(`come through as recorded: ${exchanges.length} exchanges`, async () => {
    const png = Buffer.from('89504e470d0a1a0a', 'hex')
    const file = { responseHeaders: { 'content-type': 'image/jpeg' }, responseBody: png.toString('base64') }
    for (const exchange of exchanges) {
      // Where the vendor gave an address, the image is here: its bytes are not what their type says.
      vendor.put('image', { ...exchange, ...file, status: 200, responseBodyEncoding: 'base64' }, 'whole')
      const responseBody = exchange.responseBody.replace(/https:\/\/[^"]+/, `${vendor.urlOf('image')}/cat.jpeg`)
      const ai = replaying(provider, { ...exchange, responseBody })
      if (!supports(ai, 'image')) throw new Error(`${provider} makes images.`)
      const { images } = await ai.image.generate({ model: 'any', prompt: 'a siamese cat', retries: 0 })
      const recorded: { b64_json?: string }[] = JSON.parse(exchange.responseBody).data
      const base64 = recorded.map(({ b64_json: bytes }) => bytes ?? png.toString('base64'))
      expect(images).toEqual(base64.map((bytes) => ({ base64: bytes, mediaType: 'image/png' })))
    }
  })
})

describe.each(['openai', 'openrouter'])('recorded speech of %s', (provider) => {
  const exchanges = of(provider, 'audio.speech')
  it(`comes through to the byte: ${exchanges.length} exchanges`, async () => {
    for (const exchange of exchanges) {
      const ai = replaying(provider, exchange)
      if (!supports(ai, 'speech')) throw new Error(`${provider} speaks.`)
      const { audio, mediaType } = await ai.audio.speech({ model: 'any', input: 'a', voice: 'alloy' })
      const pieces: Uint8Array[] = []
      for await (const piece of audio) pieces.push(piece)
      expect(pieces.length).toBeGreaterThan(1)
      expect(Buffer.concat(pieces).equals(Buffer.from(exchange.responseBody, 'base64'))).toBe(true)
      expect(mediaType).toBe('audio/mpeg')
    }
  })
})

describe.each(['openai', 'cohere', 'groq', 'mistral'])('recorded transcripts of %s', (provider) => {
  const exchanges = of(provider, 'audio.transcription').filter(({ path }) => path.endsWith('/transcriptions'))
  it(`come through as recorded: ${exchanges.length} exchanges`, async () => {
    for (const exchange of exchanges) {
      const ai = replaying(provider, exchange)
      if (!supports(ai, 'transcription')) throw new Error(`${provider} listens.`)
      const file = { base64: 'AAAA', mediaType: 'audio/wav' }
      // Recorded as it was kept, though the vendor does not call subtitles JSON.
      if (exchange.responseBody.startsWith('WEBVTT')) exchange.responseHeaders['content-type'] = 'text/vtt'
      const { text, durationSeconds, segments = [] } = await ai.audio.transcribe({ model: 'any', file, language: 'en' })
      const recorded = exchange.responseBody.startsWith('{')
        ? JSON.parse(exchange.responseBody)
        : { text: exchange.responseBody }
      expect(text).toBe(recorded.text)
      expect(durationSeconds).toBe(recorded.duration ?? recorded.usage?.prompt_audio_seconds)
      expect(segments.map((segment) => segment.text)).toEqual(
        (recorded.segments ?? []).map((segment: { text: string }) => segment.text),
      )
    }
  })
})

describe.each(['openai', 'anthropic', 'mistral'])('recorded models of %s', (provider) => {
  const exchanges = of(provider, 'models').filter(({ path }) => path.split('?', 1)[0] === '/v1/models')
  it(`are listed and told apart: ${exchanges.length} exchanges`, async () => {
    for (const [index, exchange] of exchanges.entries()) {
      vendor.put(`models-${provider}-${index}`, exchange, { bytes: 1021 })
      const server = { apiUrl: vendor.urlOf(`models-${provider}-${index}`), token: 'engine-token' }
      const { models, live, reason } = await listModels({ provider, server })
      expect([live, reason]).toEqual([true, undefined])
      const chatting = models.filter((model) => capabilitiesOf(model).includes('text')).map(({ value }) => value)
      expect(chatting.filter((id) => /whisper|tts|embed|moderation|dall-e|ocr|transcribe|realtime/.test(id))).toEqual(
        [],
      )
      const recorded: { id: string }[] = JSON.parse(exchange.responseBody).data
      for (const { id } of recorded) expect(models.map(({ value }) => value)).toContain(id)
      expect(chatting).toContain(CHATTING[provider])
    }
  })
})

describe('recorded models of gemini', () => {
  const exchanges = of('gemini', 'models')
  it(`are listed by the methods that serve them: ${exchanges.length} exchanges`, async () => {
    for (const [index, exchange] of exchanges.entries()) {
      vendor.put(`models-gemini-${index}`, exchange, { bytes: 1021 })
      const server = { apiUrl: vendor.urlOf(`models-gemini-${index}`), token: 'engine-token' }
      const { models, live, reason } = await listModels({ provider: 'gemini', server })
      expect([live, reason]).toEqual([true, undefined])
      const recorded: { name: string; displayName: string; supportedGenerationMethods: string[] }[] = JSON.parse(
        exchange.responseBody,
      ).models
      for (const { name, displayName, supportedGenerationMethods: methods } of recorded) {
        const model = models.find(({ value }) => `models/${value}` === name)
        if (!model || model.label === model.value) {
          expect([name, model?.listed]).toEqual([name, true]) // of the registry
          continue
        }
        expect([name, model.label]).toEqual([name, displayName])
        const capabilities = capabilitiesOf(model)
        expect([name, capabilities.includes('embedding')]).toEqual([name, methods.includes('embedContent')])
        const makesImages = /image|imagen|nano-banana/.test(name)
        expect([name, capabilities.includes('image')]).toEqual([name, makesImages])
        const chats = methods.includes('generateContent') && !makesImages && !/tts|computer-use/.test(name)
        expect([name, capabilities.includes('text')]).toEqual([name, chats])
      }
    }
  })
})

/** A model that the vendor listed and the registry does not have. */
const CHATTING: Record<string, string> = {
  openai: 'gpt-4.1',
  anthropic: 'claude-3-opus-20240229',
  mistral: 'mistral-medium-2505',
}
