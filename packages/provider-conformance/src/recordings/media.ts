import type { AIClient } from '@activepieces/pieces-common'
import type { Exchange } from './exchanges.ts'
import { IMAGE } from './replay-server.ts'

/** Replays exchanges of an API other than chat. Both functions must return the same value. */
export type MediaReplay = {
  /** Calls the library and returns the value to compare. */
  readonly call: (ai: AIClient, exchange: Exchange) => Promise<unknown>
  /** The same value, read directly from the response without the library. */
  readonly expected: (exchange: Exchange) => unknown
}

export const MEDIA: Readonly<Record<string, MediaReplay>> = {
  embeddings: {
    async call(ai, exchange) {
      if (!ai.embedding) throw new Error(`${ai.provider} has no embeddings.`)
      const { embeddings, usage } = await ai.embedding.create({ ...embeddingParamsOf(exchange), retries: 0 })
      return { embeddings, promptTokens: usage?.promptTokens }
    },
    expected: embeddingsIn,
  },
  moderations: {
    async call(ai) {
      if (!ai.moderation) throw new Error(`${ai.provider} has no moderation.`)
      const { flagged, categories, scores, model } = await ai.moderation.create({ input: 'a', retries: 0 })
      return { flagged, categories, scores, model }
    },
    expected({ responseBody }) {
      const { results, model } = JSON.parse(responseBody)
      const [{ flagged, categories, category_scores: scores }] = results
      return { flagged, categories, scores, model }
    },
  },
  images: {
    async call(ai) {
      if (!ai.image) throw new Error(`${ai.provider} has no image generation.`)
      return (await ai.image.generate({ model: 'any', prompt: 'A siamese cat', retries: 0 })).images
    },
    expected({ responseBody }) {
      const data: { b64_json?: string }[] = JSON.parse(responseBody).data
      return data.map(({ b64_json: base64 = IMAGE }) => ({ base64, mediaType: 'image/png' }))
    },
  },
  'audio.speech': {
    async call(ai) {
      if (!ai.audio?.speech) throw new Error(`${ai.provider} has no speech.`)
      const { audio, mediaType } = await ai.audio.speech({ model: 'any', input: 'a', voice: 'alloy', retries: 0 })
      const chunks: Uint8Array[] = []
      for await (const chunk of audio) chunks.push(chunk)
      return { audio: Buffer.concat(chunks).toString('base64'), mediaType }
    },
    expected: ({ responseBody }) => ({ audio: responseBody, mediaType: 'audio/mpeg' }),
  },
  'audio.transcription': {
    async call(ai) {
      if (!ai.audio?.transcribe) throw new Error(`${ai.provider} has no transcription.`)
      const file = { base64: 'AAAA', mediaType: 'audio/wav' }
      const params = { model: 'any', file, language: 'en', retries: 0 }
      const { text, durationSeconds, segments = [] } = await ai.audio.transcribe(params)
      return { text, durationSeconds, segments: segments.map((segment) => segment.text) }
    },
    expected({ responseBody }) {
      const body = responseBody.startsWith('{') ? JSON.parse(responseBody) : { text: responseBody }
      const segments: { text: string }[] = body.segments ?? []
      return {
        text: body.text,
        durationSeconds: body.duration ?? body.usage?.seconds ?? body.usage?.prompt_audio_seconds,
        segments: segments.map(({ text }) => text),
      }
    },
  },
}

function embeddingParamsOf({ requestBody, path }: Exchange) {
  // SAFETY: the recorded requests match the vendors' APIs.
  const body = (requestBody ?? {}) as {
    model?: string
    input?: string | string[]
    texts?: string[]
    dimensions?: number
    requests?: { content: { parts: { text: string }[] }; outputDimensionality?: number; taskType?: string }[]
  }
  const [first] = body.requests ?? []
  const taskType = first?.taskType
  return {
    model: /models\/([^:]+)/.exec(path)?.[1] ?? body.model ?? 'any',
    input:
      body.requests?.map(({ content }) => content.parts[0]?.text ?? '') ?? body.texts ?? [body.input ?? 'a'].flat(),
    dimensions: first?.outputDimensionality ?? body.dimensions,
    ...(taskType && { advancedOptions: { taskType } }),
  }
}

function embeddingsIn({ vendor, responseBody }: Exchange): unknown {
  const { data, embeddings, meta, usage, usageMetadata } = JSON.parse(responseBody)
  if (meta) return { embeddings: embeddings.float, promptTokens: meta.billed_units.input_tokens }
  if (embeddings) {
    const vectors = embeddings.map(({ values }: { values: number[] }) => values)
    return { embeddings: vectors, promptTokens: usageMetadata?.promptTokenCount }
  }
  const vectors = data.map((item: { embedding: number[] | string }) => vectorOf(item.embedding, vendor))
  return { embeddings: vectors, promptTokens: usage?.prompt_tokens }
}

function vectorOf(embedding: number[] | string, vendor: string): number[] {
  if (typeof embedding !== 'string') return embedding
  const bytes = Buffer.from(embedding, 'base64')
  if (vendor === 'perplexity') return [...new Int8Array(bytes)]
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}
