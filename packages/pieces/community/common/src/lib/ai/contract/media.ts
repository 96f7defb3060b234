import type { AIChatCompletionUsage, AIContentPart, AIFile, AIFrameworkFile, AITimeout, AIWarning } from './chat.ts'

/** Parameters that all calls other than chat have in common. */
export type AIMediaOptions = {
  /** Fields of the vendor's own request; merged into it unchanged, last. */
  advancedOptions?: Record<string, unknown> | undefined
  /** Aborts the call, even if the provider ignores the signal, and closes the vendor's connection. */
  signal?: AbortSignal | undefined
  timeout?: Pick<AITimeout, 'total'> | undefined
  /** Maximum number of retries after a temporary failure, 0 to 10. Defaults to 2. */
  retries?: number | undefined
}

// ---- images

/** Parameters of `image.generate`. Unknown parameters are an error, absent ones are not sent. */
export type AIImageGenerateParams = AIMediaOptions & {
  /** An image model of the registry, or any other id that the provider serves. */
  model: string
  /** Description of the image. */
  prompt: string
  /** Number of images, 1 to 10. Defaults to 1. */
  n?: number | undefined
  /** Width and height in pixels, e.g. `1024x1536`. Defaults to the vendor's choice. */
  size?: string | undefined
}

/** Parameters of `image.edit`. Unknown parameters are an error, absent ones are not sent. */
export type AIImageEditParams = AIImageGenerateParams & {
  /** Images to edit, 1 to 16: the bytes of PNG, JPEG or WebP files. */
  images: readonly (AIFile | AIFrameworkFile)[]
  /** PNG of the first image's size. Transparent areas mark what to edit. */
  mask?: AIFile | AIFrameworkFile | undefined
}

/** Generated or edited images. */
export type AIImageResponse = {
  /** At least one. */
  images: AIGeneratedImage[]
  usage?: AIChatCompletionUsage | undefined
  /** What was dropped or changed in the request, and why. */
  warnings?: AIWarning[] | undefined
}

/** An image as base64. Can be used as the `image` of a message part. */
export type AIGeneratedImage = { base64: string; mediaType: string }

// ---- embeddings

/** Parameters of `embedding.create`. Unknown parameters are an error, absent ones are not sent. */
export type AIEmbeddingCreateParams = AIMediaOptions & {
  /** An embedding model of the registry, or any other id that the provider serves. */
  model: string
  /** One or more non-empty texts. Split into several requests if the vendor limits their number. */
  input: string | readonly string[]
  /** Number of dimensions, at least 1. Defaults to the model's own. Not every model can reduce them. */
  dimensions?: number | undefined
}

/** Parameters of a provider's `create`: at most `maxInputs` inputs. */
export type AIEmbeddingRequest = Omit<AIEmbeddingCreateParams, 'input'> & { input: readonly string[] }

/** Embeddings of texts. */
export type AIEmbeddingResponse = {
  /** One per input, in the order of the inputs, all of the same length. */
  embeddings: number[][]
  /** The model that answered, in the vendor's words. */
  model?: string | undefined
  /** Tokens of all requests. */
  usage?: AIChatCompletionUsage | undefined
}

// ---- moderation

/** Parameters of `moderation.create`. Unknown parameters are an error, absent ones are not sent. */
export type AIModerationCreateParams = AIMediaOptions & {
  /** A moderation model of the registry, or any other id that the provider serves. Defaults to the registry's first. */
  model?: string | undefined
  /** A text, or several texts and images that get one verdict together. */
  input: string | readonly AIModerationPart[]
}

/** A text, or an image if the vendor accepts images. */
export type AIModerationPart = Extract<AIContentPart, { type: 'text' | 'image' }>

/** Parameters of a provider's `create`. */
export type AIModerationRequest = Omit<AIModerationCreateParams, 'model' | 'input'> & {
  model: string
  input: readonly AIModerationPart[]
}

/** Verdict on all parts. */
export type AIModerationResponse = {
  /** Whether any category is flagged. */
  flagged: boolean
  /** Whether each category is flagged, by the vendor's names, e.g. `self-harm/intent`. */
  categories: Record<string, boolean>
  /** Confidence per category, 0 to 1. */
  scores: Record<string, number>
  /** The model that answered, in the vendor's words. */
  model?: string | undefined
  usage?: AIChatCompletionUsage | undefined
}

// ---- audio

/** Parameters of `audio.speech`. Unknown parameters are an error, absent ones are not sent. */
export type AISpeechParams = Omit<AIMediaOptions, 'timeout'> & {
  /** A speech model of the registry, or any other id that the provider serves. */
  model: string
  /** Text to speak. */
  input: string
  /** Name of one of the vendor's voices, e.g. `alloy`. */
  voice: string
  /** Most vendors default to `mp3`. `pcm` has no header; usually 16-bit little-endian at 24 kHz. */
  format?: AISpeechFormat | undefined
  /** Speed, 0.25 to 4; 1 is normal. */
  speed?: number | undefined
  /** `firstToken`: until the first bytes of audio; `idle`: between two chunks. */
  timeout?: Pick<AITimeout, 'firstToken' | 'idle' | 'total'> | undefined
}

/** Audio format; not every vendor supports all of them. */
export type AISpeechFormat = 'mp3' | 'opus' | 'aac' | 'flac' | 'wav' | 'pcm'

/** Streamed speech. */
export type AISpeech = {
  /** For example `audio/mpeg`. */
  mediaType: string
  /**
   * The audio as it arrives; can be iterated once. Leaving the loop closes the vendor's connection. A connection that ends
   * early throws, so that truncated speech cannot be mistaken for complete speech. @throws AIError
   */
  audio: AsyncIterable<Uint8Array>
}

/** Parameters of `audio.transcribe`. Unknown parameters are an error, absent ones are not sent. */
export type AITranscribeParams = AIMediaOptions & {
  /** A transcription model of the registry, or any other id that the provider serves. */
  model: string
  /** Bytes of an MP3, M4A, MP4, WAV, WebM, FLAC or Ogg file. */
  file: AIFile | AIFrameworkFile
  /** Spoken language as ISO 639-1, e.g. `en`. Detected by the vendor if absent. */
  language?: string | undefined
  /** Context that helps: names that occur, or the preceding text. */
  prompt?: string | undefined
}

/** A transcript. Fields that the vendor does not report are undefined. */
export type AITranscript = {
  text: string
  /** Language in the vendor's words, e.g. `en` or `english`. */
  language?: string | undefined
  /** Length of the audio. */
  durationSeconds?: number | undefined
  segments?: AITranscriptSegment[] | undefined
  usage?: AIChatCompletionUsage | undefined
}

/** A segment of a transcript; times are seconds from the start of the audio. */
export type AITranscriptSegment = { text: string; start: number; end: number; speaker?: string | undefined }
