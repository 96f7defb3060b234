import { type AI, type AiProvider, type AiProviderMetadata, AiProviders } from '@activepieces/pieces-common'
import type { BrokenProvider } from './broken.ts'

/** Providers with faulty media APIs. */
export const BROKEN_MEDIA: readonly BrokenProvider[] = [
  {
    fault: 'returns every image as a PNG',
    caughtBy: 'M06',
    entry: withMedia(typedAs('image/png')),
  },
  {
    fault: "trusts Gemini's media type of an image",
    caughtBy: 'M06',
    entry: withMedia(typedAs('image/webp'), 'gemini'),
  },
  {
    fault: "trusts Replicate's media type of an image",
    caughtBy: 'M06',
    entry: withMedia(typedAs('image/webp'), 'replicate'),
  },
  {
    fault: 'requests only one image from Gemini',
    caughtBy: 'M06',
    entry: withMedia(
      ({ image }) => ({ image: image && { generate: (params) => image.generate({ ...params, n: 1 }) } }),
      'gemini',
    ),
  },
  {
    fault: 'sends Replicate a different prompt',
    caughtBy: 'M06',
    entry: withMedia(
      ({ image }) => ({ image: image && { generate: (params) => image.generate({ ...params, prompt: 'A piece' }) } }),
      'replicate',
    ),
  },
  {
    fault: 'returns audio only once it is complete',
    caughtBy: 'M07',
    entry: withMedia(({ audio }) => ({
      audio: {
        ...audio,
        speech: async (params) => {
          const speech = await audio?.speech?.(params)
          const chunks: Uint8Array[] = []
          for await (const chunk of speech?.audio ?? []) chunks.push(chunk)
          return { mediaType: 'audio/mpeg', audio: listed([Buffer.concat(chunks)]) }
        },
      },
    })),
  },
  {
    fault: 'returns truncated speech as complete',
    caughtBy: 'M07',
    entry: withMedia(({ audio }) => ({
      audio: {
        ...audio,
        speech: async (params) => {
          const speech = await audio?.speech?.(params)
          return { mediaType: 'audio/mpeg', audio: ignoringErrors(speech?.audio ?? listed([])) }
        },
      },
    })),
  },
  {
    fault: 'trims the transcript',
    caughtBy: 'M08',
    entry: withMedia(({ audio }) => ({
      audio: {
        ...audio,
        transcribe: async (params) => {
          const transcript = await audio?.transcribe?.(params)
          return { ...transcript, text: transcript?.text.trim() ?? '' }
        },
      },
    })),
  },
  {
    fault: 'returns embeddings in the wrong order',
    caughtBy: 'M09',
    entry: withMedia(reversed),
  },
  {
    fault: "returns Gemini's embeddings in reverse order",
    caughtBy: 'M09',
    entry: withMedia(reversed, 'gemini'),
  },
  {
    fault: 'reports only categories with a high score',
    caughtBy: 'M10',
    entry: withMedia(({ moderation }) => ({
      moderation: moderation && {
        create: async (params) => {
          const verdict = await moderation.create(params)
          const sure = Object.entries(verdict.scores).map(([name, score]) => [name, score > 0.95])
          return { ...verdict, categories: Object.fromEntries(sure) }
        },
      },
    })),
  },
]

type Media = Pick<AI, 'image' | 'embedding' | 'moderation' | 'audio'>
type Changed = { readonly [Name in keyof Media]?: Media[Name] | undefined }

/** Creates a copy of a correct provider with changed media APIs. */
function withMedia(change: (ai: AI) => Changed, provider: AiProvider = 'openai'): AiProviderMetadata {
  const entry: AiProviderMetadata = AiProviders.find(({ value }) => value === provider) ?? AiProviders[0]
  return {
    ...entry,
    value: 'broken',
    factory: (params) => {
      const ai = entry.factory(params)
      // SAFETY: the change keeps every medium that the provider has.
      return { ...ai, ...(change(ai) as Media) }
    },
  }
}

/** Returns all images with one media type. */
function typedAs(mediaType: string) {
  return ({ image }: AI): Changed => ({
    image: image && {
      generate: async (params) => {
        const { images } = await image.generate(params)
        return { images: images.map(({ base64 }) => ({ base64, mediaType })) }
      },
    },
  })
}

function reversed({ embedding }: AI): Changed {
  return {
    embedding: embedding && {
      create: async (params) => {
        const { embeddings } = await embedding.create(params)
        return { embeddings: [...embeddings].reverse() }
      },
    },
  }
}

async function* listed(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

async function* ignoringErrors(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks
  } catch {
    // treat the error as the end
  }
}
