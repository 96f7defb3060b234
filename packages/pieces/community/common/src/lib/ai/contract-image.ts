import type { AIChatCompletionUsage, AITimeout } from './contract-chat.ts'

/** Parameters of `image.generate`. Unknown ones are an error, absent ones are not sent. */
export type AIImageGenerateParams = {
  /** A model of the registry that makes images, or any other id that the vendor knows. */
  model: string
  /** What the image shows. */
  prompt: string
  /** How many images, 1 to 10; one when absent. */
  n?: number | undefined
  /** Width and height in pixels, e.g. `1024x1536`; the vendor's choice when absent. */
  size?: string | undefined
  /** Fields of the vendor's own request, put into it as they are, last. */
  advancedOptions?: Record<string, unknown> | undefined
  /** Aborts the call; the vendor's connection is closed at once. */
  signal?: AbortSignal | undefined
  timeout?: Pick<AITimeout, 'total'> | undefined
  /** How often a call that fails for a passing reason is tried again, 0 to 10; 2 when absent. */
  retries?: number | undefined
}

export type AIImageReply = {
  /** At least one. */
  images: AIGeneratedImage[]
  usage?: AIChatCompletionUsage | undefined
}

/** An image by its bytes in base64; fits into an `image` part of a message as it is. */
export type AIGeneratedImage = { base64: string; mediaType: string }
