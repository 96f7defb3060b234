import type { AIChatRequest, AIChatResponse, AIChatStreamPart, AIExplanation } from './chat.ts'
import type {
  AIEmbeddingRequest,
  AIEmbeddingResponse,
  AIImageEditParams,
  AIImageGenerateParams,
  AIImageResponse,
  AIModerationRequest,
  AIModerationResponse,
  AISpeech,
  AISpeechParams,
  AITranscribeParams,
  AITranscript,
} from './media.ts'
import type { AIModel, AIVendorModel } from './model.ts'

export * from './chat.ts'
export * from './media.ts'

/** One provider: an entry of `AiProviders`. */
export type AiProviderMetadata = {
  /** Unique id, e.g. `openai`: stored by pieces and part of the proxy's path. */
  readonly value: string
  /** Display name. */
  readonly label: string
  /** URL of an image; `/logos/<value>.svg` is a file in this package's `logos/`, served by our server. */
  readonly logoUrl: string
  /** Base URL of the vendor's API, without the version segment. A connection may override it. */
  readonly defaultBaseUrl: string
  readonly models: readonly AIModel[]
  readonly auth: AuthHeader
  /** The vendor also works without a key, e.g. a server on the user's own machine. */
  readonly keyless?: boolean
  /**
   * Additional request headers that a caller may set, in lower case, e.g. `x-goog-upload-offset`. The proxy passes content
   * negotiation, trace context, SDK telemetry and the headers of well-known APIs without this, and drops all others. Never a
   * header that carries a credential or names a host, provider or model.
   */
  readonly requestHeaders?: readonly string[]
  /** Calls are free, whatever the model, e.g. on a server on the user's own machine. */
  readonly free?: boolean
  /** Creates the provider's AI. */
  readonly factory: AIFactory
  /** Tells an admin where to get a key. */
  readonly instructionsMarkdown?: string
}

/** How the stored key of a connection becomes the vendor's authentication header. */
export type AuthHeader = {
  /** Header name as in the vendor's documentation, e.g. `Authorization` or `x-api-key`. */
  readonly name: string
  /** Returns the header value for a key, e.g. `Bearer <key>`. Pure: the same key gives the same value. */
  readonly mapper: (value: string) => string
}

/** Creates the AI of one provider. Must be cheap: load the SDK on first use. */
export type AIFactory<SDK = unknown> = (params: AIFactoryParams) => AI<SDK>

/** Parameters of a factory. Never contains a vendor's key. */
export type AIFactoryParams = {
  /** The vendor's base URL on our server, without a trailing slash. */
  serverUrl: string
  /** The only credential that a provider has; the proxy replaces it with the stored key. */
  engineToken: string
}

/**
 * What a provider's factory returns. `{ provider, chat: { text } }` is a complete provider: callers get everything else in
 * `AIClient`, derived from `text`.
 *
 * @typeParam SDK the vendor's official client, which callers reach through `sdk()`
 */
export type AI<SDK = unknown> = {
  /** Name of the provider, by convention in capitals: `'OPENAI'`. */
  readonly provider: string
  /** Loads the vendor's SDK and returns a client that is pointed at our proxy. */
  readonly sdk?: () => Promise<SDK>
  readonly chat: AIChat
  readonly image?: AIImage
  readonly embedding?: AIEmbedding
  readonly moderation?: AIModeration
  readonly audio?: AIAudio
  /** If absent, `listModels` returns only the registry's models. */
  readonly models?: AIModels
}

// Whatever a method below throws reaches the caller as an AIError.

/** Chat, as a provider implements it. */
export type AIChat = {
  /** Returns a completion. */
  readonly text: (params: AIChatRequest) => Promise<AIChatResponse>
  /** Streams a completion, in parts or in lists of parts that arrived together. Derived from `text` if absent. */
  readonly stream?: (params: AIChatRequest) => AsyncIterable<AIChatStreamPart | readonly AIChatStreamPart[]>
  /** Whether the vendor enforces `responseSchema` for this model. If not, a forced tool is used instead. */
  readonly structuredOutput?: (model: string) => boolean
  /** Whether the vendor accepts images. Defaults to true. */
  readonly imageInput?: boolean
  /** Whether the vendor can search the web for this model. Defaults to false. */
  readonly webSearch?: (model: string) => boolean
  /** Returns the request that `text` (or `stream`) would send. If absent, `explain` throws `unsupported`. */
  readonly explain?: (params: AIChatRequest, stream: boolean) => AIExplanation
}

/** Images, as a provider implements them. */
export type AIImage = {
  /** Generates images. */
  readonly generate: (params: AIImageGenerateParams) => Promise<AIImageResponse>
  /** If absent, the provider does not edit images. */
  readonly edit?: (params: AIImageEditParams) => Promise<AIImageResponse>
}

/** Embeddings, as a provider implements them. */
export type AIEmbedding = {
  /** Maximum number of inputs in one request. No limit if absent. */
  readonly maxInputs?: number
  /** Returns one embedding per input, in their order. */
  readonly create: (params: AIEmbeddingRequest) => Promise<AIEmbeddingResponse>
}

/** Moderation, as a provider implements it. */
export type AIModeration = {
  /** Returns one verdict on all parts. */
  readonly create: (params: AIModerationRequest) => Promise<AIModerationResponse>
}

/** Audio, as a provider implements it. */
export type AIAudio = {
  /** Converts text to speech. */
  readonly speech?: (params: AISpeechParams) => Promise<AISpeech>
  /** Transcribes an audio file. */
  readonly transcribe?: (params: AITranscribeParams) => Promise<AITranscript>
}

/** The vendor's list of models, as a provider implements it. */
export type AIModels = {
  /** Returns all models that the connection's key can use, from all pages. */
  readonly list: (params: { signal?: AbortSignal | undefined }) => Promise<readonly AIVendorModel[]>
}
