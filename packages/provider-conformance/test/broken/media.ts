import { type AI, type AiProvider, type AiProviderMetadata, AiProviders } from '@activepieces/pieces-common'
import type { BrokenProvider } from './broken.ts'

/** Other media than chat are wrong. */
export const BROKEN_MEDIA: readonly BrokenProvider[] = [
  {
    fault: 'takes every image for a PNG',
    caughtBy: 'M06',
    entry: withMedia(typedAs('image/png')),
  },
  {
    fault: "takes Gemini's word for the type of an image",
    caughtBy: 'M06',
    entry: withMedia(typedAs('image/webp'), 'gemini'),
  },
  {
    fault: "takes the word of Replicate's files for the type of an image",
    caughtBy: 'M06',
    entry: withMedia(typedAs('image/webp'), 'replicate'),
  },
  {
    fault: 'asks Gemini for one image, however many are wanted',
    caughtBy: 'M06',
    entry: withMedia(
      ({ image }) => ({ image: image && { generate: (params) => image.generate({ ...params, n: 1 }) } }),
      'gemini',
    ),
  },
  {
    fault: 'forgets what Replicate is to paint',
    caughtBy: 'M06',
    entry: withMedia(
      ({ image }) => ({ image: image && { generate: (params) => image.generate({ ...params, prompt: 'A piece' }) } }),
      'replicate',
    ),
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
    entry: withMedia(reversed),
  },
  {
    fault: "gives Gemini's embeddings last one first",
    caughtBy: 'M09',
    entry: withMedia(reversed, 'gemini'),
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

/** A good provider of the registry with some of its media changed. */
function withMedia(change: (ai: AI) => Changed, provider: AiProvider = 'openai'): AiProviderMetadata {
  const entry: AiProviderMetadata = AiProviders.find(({ value }) => value === provider) ?? AiProviders[0]
  return {
    ...entry,
    value: 'broken',
    factory: (params) => {
      const ai = entry.factory(params)
      // SAFETY: a medium that the provider has is changed and not taken away.
      return { ...ai, ...(change(ai) as Media) }
    },
  }
}

/** Images that are all said to be of one type. */
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
