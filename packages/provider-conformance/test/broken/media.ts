import { type AI, type AiProviderMetadata, AiProviders } from '@activepieces/pieces-common'
import type { BrokenProvider } from './broken.ts'

/** Other media than chat are wrong. */
export const BROKEN_MEDIA: readonly BrokenProvider[] = [
  {
    fault: 'takes every image for a PNG',
    caughtBy: 'M06',
    entry: withMedia(({ image }) => ({
      image: image && {
        generate: async (params) => {
          const { images } = await image.generate(params)
          return { images: images.map(({ base64 }) => ({ base64, mediaType: 'image/png' })) }
        },
      },
    })),
  },
  {
    fault: 'says nothing until it has said all',
    caughtBy: 'M07',
    entry: withMedia(({ audio }) => ({
      audio: {
        ...audio,
        speech: async (params) => {
          const speech = await audio?.speech?.(params)
          const pieces: Uint8Array[] = []
          for await (const piece of speech?.audio ?? []) pieces.push(piece)
          return { mediaType: 'audio/mpeg', audio: listed([Buffer.concat(pieces)]) }
        },
      },
    })),
  },
  {
    fault: 'takes half a speech for a whole one',
    caughtBy: 'M07',
    entry: withMedia(({ audio }) => ({
      audio: {
        ...audio,
        speech: async (params) => {
          const speech = await audio?.speech?.(params)
          return { mediaType: 'audio/mpeg', audio: untilCut(speech?.audio ?? listed([])) }
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
    fault: 'gives embeddings as they come',
    caughtBy: 'M09',
    entry: withMedia(({ embedding }) => ({
      embedding: embedding && {
        create: async (params) => {
          const { embeddings } = await embedding.create(params)
          return { embeddings: [...embeddings].reverse() }
        },
      },
    })),
  },
  {
    fault: 'counts a category only when it is sure of it',
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

/** OpenAI with some of its media changed. */
function withMedia(change: (ai: AI) => Changed): AiProviderMetadata {
  const entry: AiProviderMetadata = AiProviders.find(({ value }) => value === 'openai') ?? AiProviders[0]
  return {
    ...entry,
    value: 'broken',
    factory: (params) => {
      const ai = entry.factory(params)
      // SAFETY: a medium that OpenAI has is changed and not taken away.
      return { ...ai, ...(change(ai) as Media) }
    },
  }
}

async function* listed(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}

async function* untilCut(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces
  } catch {
    // as if it were the end
  }
}
