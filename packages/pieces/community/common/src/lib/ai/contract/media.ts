import type { AIChatCompletionUsage, AIContentPart, AIFile, AIFrameworkFile, AITimeout, AIWarning } from './chat.ts'

/** What every call for another medium than chat takes besides its own parameters. */
export type AIMediaOptions = {
  /** Fields of the vendor's own request, put into it as they are, last. */
  advancedOptions?: Record<string, unknown> | undefined
  /** Aborts the call, even if the provider ignores it. The vendor's connection is closed immediately. */
  signal?: AbortSignal | undefined
  timeout?: Pick<AITimeout, 'total'> | undefined
  /** How often a request that fails for a passing reason is tried again, 0 to 10; 2 when absent. */
  retries?: number | undefined
}

// ---- images

/** Parameters of `image.generate`. Unknown ones are an error, absent ones are not sent. */
export type AIImageGenerateParams = AIMediaOptions & {
  /** A model of the registry that makes images, or any other id that the vendor knows. */
  model: string
  /** What the image shows. */
  prompt: string
  /** How many images, 1 to 10; one when absent. */
  n?: number | undefined
  /** Width and height in pixels, e.g. `1024x1536`; the vendor's choice when absent. */
  size?: string | undefined
}

/** Parameters of `image.edit`. Unknown ones are an error, absent ones are not sent. */
export type AIImageEditParams = AIImageGenerateParams & {
  /** What is to be changed, 1 to 16 images by their bytes: PNG, JPEG or WebP. */
  images: readonly (AIFile | AIFrameworkFile)[]
  /** A PNG of the first image's size: where it is transparent, the image is to be changed. */
  mask?: AIFile | AIFrameworkFile | undefined
}

/** The images that were made. */
export type AIImageResponse = {
  /** At least one. */
  images: AIGeneratedImage[]
  usage?: AIChatCompletionUsage | undefined
  /** What was dropped or changed in the request, and why. */
  warnings?: AIWarning[] | undefined
}

/** An image by its bytes in base64; fits into an `image` part of a message as it is. */
export type AIGeneratedImage = { base64: string; mediaType: string }

// ---- embeddings

/** Parameters of `embedding.create`. Unknown ones are an error, absent ones are not sent. */
export type AIEmbeddingCreateParams = AIMediaOptions & {
  /** A model of the registry that makes embeddings, or any other id that the vendor knows. */
  model: string
  /** One text or any number of them, none empty; more than the vendor takes at once go out in several requests. */
  input: string | readonly string[]
  /** How many numbers an embedding has, from 1; the model's own number when absent. Not every model can shorten. */
  dimensions?: number | undefined
}

/** What a provider's `create` gets: a list that is no longer than its `maxInputs`. */
export type AIEmbeddingRequest = Omit<AIEmbeddingCreateParams, 'input'> & { input: readonly string[] }

/** Texts as lists of numbers. */
export type AIEmbeddingResponse = {
  /** One for each input, in the order of the inputs, all of one length. */
  embeddings: number[][]
  /** The model that answered, as the vendor names it. */
  model?: string | undefined
  /** Tokens of all requests together. */
  usage?: AIChatCompletionUsage | undefined
}

// ---- moderation

/** Parameters of `moderation.create`. Unknown ones are an error, absent ones are not sent. */
export type AIModerationCreateParams = AIMediaOptions & {
  /** A model of the registry that moderates, or any other id that the vendor knows; the registry's first when absent. */
  model?: string | undefined
  /** A text, or parts of which the verdict is one: texts, and images where the vendor looks at them. */
  input: string | readonly AIModerationPart[]
}

/** What is looked at: a text, or an image where the vendor looks at images. */
export type AIModerationPart = Extract<AIContentPart, { type: 'text' | 'image' }>

/** What a provider's `create` gets. */
export type AIModerationRequest = Omit<AIModerationCreateParams, 'model' | 'input'> & {
  model: string
  input: readonly AIModerationPart[]
}

/** The verdict on all parts together. */
export type AIModerationResponse = {
  /** Whether the vendor objects to any of it. */
  flagged: boolean
  /** By the vendor's own names, e.g. `self-harm/intent`: whether it objects. */
  categories: Record<string, boolean>
  /** By the same names: how sure it is, 0 to 1. */
  scores: Record<string, number>
  /** The model that answered, as the vendor names it. */
  model?: string | undefined
  usage?: AIChatCompletionUsage | undefined
}

// ---- audio

/** Parameters of `audio.speech`. Unknown ones are an error, absent ones are not sent. */
export type AISpeechParams = Omit<AIMediaOptions, 'timeout'> & {
  /** A model of the registry that speaks, or any other id that the vendor knows. */
  model: string
  /** What is to be said. */
  input: string
  /** The vendor's name of a voice, e.g. `alloy`. */
  voice: string
  /** `mp3` by most vendors when absent; `pcm` has no header: 16 bits, little endian, 24,000 a second by OpenAI. */
  format?: AISpeechFormat | undefined
  /** How fast: 0.25 to 4, and 1 is usual. */
  speed?: number | undefined
  /** `firstToken`: until the first bytes of sound; `idle`: between two pieces. */
  timeout?: Pick<AITimeout, 'firstToken' | 'idle' | 'total'> | undefined
}

/** How sound is coded; not every vendor has every one. */
export type AISpeechFormat = 'mp3' | 'opus' | 'aac' | 'flac' | 'wav' | 'pcm'

/** Sound on its way. */
export type AISpeech = {
  /** E.g. `audio/mpeg`. */
  mediaType: string
  /**
   * The sound as it comes, to be read once: the first piece is there before the last one is made. Leaving the loop closes
   * the vendor's connection; a cut connection throws, so that half a speech does not pass for a whole one. @throws AIError
   */
  audio: AsyncIterable<Uint8Array>
}

/** Parameters of `audio.transcribe`. Unknown ones are an error, absent ones are not sent. */
export type AITranscribeParams = AIMediaOptions & {
  /** A model of the registry that transcribes, or any other id that the vendor knows. */
  model: string
  /** Sound by its bytes: MP3, M4A, MP4, WAV, WebM, FLAC or Ogg. */
  file: AIFile | AIFrameworkFile
  /** The language that is spoken, as ISO 639-1, e.g. `en`; the vendor hears it when absent. */
  language?: string | undefined
  /** Words that help: names that occur, or what was said before. */
  prompt?: string | undefined
}

/** What the vendor does not tell is undefined. */
export type AITranscript = {
  text: string
  /** As the vendor names it: `en` by some, `english` by others. */
  language?: string | undefined
  /** How long the sound is. */
  durationSeconds?: number | undefined
  segments?: AITranscriptSegment[] | undefined
  usage?: AIChatCompletionUsage | undefined
}

/** A piece of a transcript; times are seconds from the beginning of the sound. */
export type AITranscriptSegment = { text: string; start: number; end: number; speaker?: string | undefined }
