import type {
  AIChatCompletion,
  AIChatCompletionsCreateParams,
  AIChatObject,
  AIChatObjectEvent,
  AIChatObjectParams,
  AIChatRequest,
  AIChatResponse,
  AIChatRunEvent,
  AIChatRunParams,
  AIChatStreamEvent,
  AIChatStreamPart,
  AICost,
  AIExplanation,
} from './chat.ts'
import type {
  AIEmbeddingCreateParams,
  AIEmbeddingRequest,
  AIEmbeddingResponse,
  AIImageEditParams,
  AIImageGenerateParams,
  AIImageResponse,
  AIModerationCreateParams,
  AIModerationRequest,
  AIModerationResponse,
  AISpeech,
  AISpeechParams,
  AITranscribeParams,
  AITranscript,
} from './media.ts'
import type { AICapability, AIModel, AIVendorModel } from './model.ts'

export * from './chat.ts'
export * from './media.ts'

// ---- What an author writes

/**
 * What a provider's factory returns. `{ provider, chat: { text } }` alone is a complete provider: everything optional
 * here is there for the caller all the same, derived from what the author gave.
 *
 * @typeParam SDK the vendor's official client, which callers reach through `sdk()`
 */
export type AI<SDK = unknown> = {
  /** The vendor's name, in capitals by custom: `'OPENAI'`. */
  readonly provider: string
  /** Loads the vendor's SDK and gives a client that talks to our proxy; called at most once by need. */
  readonly sdk?: () => Promise<SDK>
  readonly chat: AIChat
  /** Absent: the vendor makes no images. */
  readonly image?: AIImage
  /** Absent: the vendor makes no embeddings. */
  readonly embedding?: AIEmbedding
  /** Absent: the vendor moderates nothing. */
  readonly moderation?: AIModeration
  /** Absent: the vendor neither speaks nor listens. */
  readonly audio?: AIAudio
  /** Absent: `listModels` gives the registry's models alone. */
  readonly models?: AIModels
}

/** The images of a provider, as its author writes them. */
export type AIImage = {
  /** Makes one image or several. Whatever it throws reaches the caller as an `AIError`. */
  readonly generate: (params: AIImageGenerateParams) => Promise<AIImageResponse>
  /** Changes images. Absent: the vendor changes none, and a call says so. */
  readonly edit?: (params: AIImageEditParams) => Promise<AIImageResponse>
}

/** The embeddings of a provider, as its author writes them. */
export type AIEmbedding = {
  /** The most inputs that one request may have; absent: any number. */
  readonly maxInputs?: number
  /** One embedding for each input, in their order. Whatever it throws reaches the caller as an `AIError`. */
  readonly create: (params: AIEmbeddingRequest) => Promise<AIEmbeddingResponse>
}

/** The moderation of a provider, as its author writes it. */
export type AIModeration = {
  /** One verdict on all parts. Whatever it throws reaches the caller as an `AIError`. */
  readonly create: (params: AIModerationRequest) => Promise<AIModerationResponse>
}

/** The audio of a provider, as its author writes it. Whatever is thrown reaches the caller as an `AIError`. */
export type AIAudio = {
  /** Says a text. Absent: the vendor does not speak. */
  readonly speech?: (params: AISpeechParams) => Promise<AISpeech>
  /** Writes down what is said. Absent: the vendor does not listen. */
  readonly transcribe?: (params: AITranscribeParams) => Promise<AITranscript>
}

/** The list of a provider's models, as its author writes it. */
export type AIModels = {
  /** All that the connection's key may use, all pages. */
  readonly list: (params: { signal?: AbortSignal | undefined }) => Promise<readonly AIVendorModel[]>
}

/** The chat of a provider, as its author writes it. */
export type AIChat = {
  /** One reply. Whatever it throws reaches the caller as an `AIError`. */
  readonly text: (params: AIChatRequest) => Promise<AIChatResponse>
  /** The reply as it comes, by parts, or by lists of those that came together. Absent: derived from `text`. */
  readonly stream?: (params: AIChatRequest) => AsyncIterable<AIChatStreamPart | readonly AIChatStreamPart[]>
  /** Whether the vendor itself holds this model to `responseSchema`. Absent: a forced tool takes its place. */
  readonly structuredOutput?: (model: string) => boolean
  /** Whether the vendor looks at images. Absent: it may. */
  readonly imageInput?: boolean
  /** Whether the vendor searches the web for this model when it is asked to. Absent: it does not. */
  readonly webSearch?: (model: string) => boolean
  /** The request that `text` (or `stream`) would send. Absent: `explain` says that the provider cannot tell. */
  readonly explain?: (params: AIChatRequest, stream: boolean) => AIExplanation
}

/** Makes the AI of one vendor; written once a vendor, in `providers/`. Must be cheap: load the SDK when it is used. */
export type AIFactory<SDK = unknown> = (params: AIFactoryParams) => AI<SDK>

/** What a factory is given: an address on our server and a token for it. Never a vendor's key. */
export type AIFactoryParams = {
  /** Where this vendor's API is found on our server, without a trailing slash: the base URL for its SDK. */
  serverUrl: string
  /** The only credential that a provider ever holds; our proxy puts the stored key in its place. */
  engineToken: string
}

/** One vendor in the registry. */
export type AiProviderMetadata = {
  /** Unique; what a piece stores and what stands in the proxy's path, e.g. `openai`. */
  readonly value: string
  readonly label: string
  /** An image; `/logos/<value>.svg` is a file of this package's `logos/`, which our server serves. */
  readonly logoUrl: string
  /** Where the vendor's API is, without the version's path segment; a connection may name another. */
  readonly defaultBaseUrl: string
  readonly models: readonly AIModel[]
  readonly auth: AuthHeader
  /** The vendor answers without a key too, e.g. a server on one's own machine. */
  readonly keyless?: boolean
  /**
   * Additional request headers of the vendor's API that a caller may set, in lower case, e.g. `x-goog-upload-offset`. The
   * proxy passes content negotiation, trace context, SDK telemetry and the headers of well-known APIs without this, and
   * drops every other one. Never a header that carries a credential or names a host, provider or model.
   */
  readonly requestHeaders?: readonly string[]
  /** Calls cost nothing, whatever the model, e.g. a server on the user's own machine. */
  readonly free?: boolean
  /** Makes the vendor's AI. */
  readonly factory: AIFactory
  /** For the admin: where to get a key. */
  readonly instructionsMarkdown?: string
}

/** How the stored key of a connection becomes the header that the vendor wants. */
export type AuthHeader = {
  /** The header's name, as the vendor's documentation spells it, e.g. `Authorization` or `x-api-key`. */
  readonly name: string
  /** The header's value for a stored key, e.g. `Bearer <key>`. Pure: the same key gives the same value. */
  readonly mapper: (value: string) => string
}

// ---- What a caller gets

/** The ids of models that are known to lack a capability; an id that the registry does not know is none of them. */
export type ModelsLacking<Models extends AIModel, Capability extends AICapability> = string extends Models['value']
  ? never
  : Models extends { readonly supported: readonly (infer Has)[] }
    ? Capability extends Has
      ? never
      : Models['value']
    : Capability extends 'text'
      ? never
      : Models['value']

/** Parameters whose model, where its id is a literal, must not lack the capability. */
type ForModel<Params, Model, Lacking> = Params & { model: Model extends Lacking ? never : Model }

/**
 * The AI of one vendor as `AI({ provider, server })` gives it: every method of its chat is there, and what not every
 * vendor has is there after `supports(ai, …)`. Calls throw an AIError `unsupported`, before anything is sent, for a model
 * that is known to lack what they need; where its id is a literal, the compiler says so.
 *
 * @typeParam Models the registry's models of the provider
 */
export type AIClient<SDK = unknown, Models extends AIModel = AIModel> = {
  readonly provider: string
  /**
   * The typed way out: the vendor's official client, loaded at the first call and pointed at our proxy.
   *
   * @throws AIError `unsupported` when the provider has no SDK
   */
  readonly sdk: () => Promise<SDK>
  /**
   * The exact request that `chat.text` would send (or `chat.stream`, with `stream: true`), and each change made to the
   * parameters, without sending it. @throws AIError like the call itself
   */
  explain<const Model extends string>(
    params: ForModel<AIChatCompletionsCreateParams, Model, ModelsLacking<Models, 'text'>>,
    options?: { stream?: boolean },
  ): Promise<AIExplanation>
  /** What a completion of this provider costs; undefined when its tokens or its price are not known. */
  readonly cost: (completion: Pick<AIChatCompletion, 'model' | 'usage'>) => Promise<AICost | undefined>
  readonly chat: AIChatClient<ModelsLacking<Models, 'text'>>
  readonly image?: AIImageClient<ModelsLacking<Models, 'image'>>
  readonly embedding?: AIEmbeddingClient<ModelsLacking<Models, 'embedding'>>
  readonly moderation?: AIModerationClient<ModelsLacking<Models, 'moderation'>>
  readonly audio?: AIAudioClient<ModelsLacking<Models, 'speech'>, ModelsLacking<Models, 'transcription'>>
}

// Methods, not fields with a function: so the AI of a known vendor still fits where any `AIClient` is asked for.

/** Everything that chat can do. @typeParam Lacking ids of models that cannot chat */
export type AIChatClient<Lacking extends string = never> = {
  /** One whole reply. @throws AIError */
  text<const Model extends string>(
    params: ForModel<AIChatCompletionsCreateParams, Model, Lacking>,
  ): Promise<AIChatCompletion>
  /** A value that the schema allows. @throws AIError `refused`, `truncated` or `invalid-object`: never half a value */
  object<Value = unknown, const Model extends string = string>(
    params: ForModel<AIChatObjectParams<Value>, Model, Lacking>,
  ): Promise<AIChatObject<Value>>
  /** The same as it grows: partial objects, then exactly one `end` with the whole one. @throws AIError */
  objectStream<Value = unknown, const Model extends string = string>(
    params: ForModel<AIChatObjectParams<Value>, Model, Lacking>,
  ): AsyncIterable<AIChatObjectEvent<Value>>
  /** The loop over tools: calls the model, runs its tools, tells it their results, until it is done. @throws AIError */
  run<const Model extends string>(params: ForModel<AIChatRunParams, Model, Lacking>): AsyncIterable<AIChatRunEvent>
  /** The reply as it comes: deltas, then exactly one `end` event. Errors throw, an abort ends. @throws AIError */
  stream<const Model extends string>(
    params: ForModel<AIChatCompletionsCreateParams, Model, Lacking>,
  ): AsyncIterable<AIChatStreamEvent>
}

/** Images to make and to change. @typeParam Lacking ids of models that make no images */
export type AIImageClient<Lacking extends string = never> = {
  /** One image or several. @throws AIError */
  generate<const Model extends string>(
    params: ForModel<AIImageGenerateParams, Model, Lacking>,
  ): Promise<AIImageResponse>
  /** The images changed as the prompt says. @throws AIError, `unsupported` where the vendor changes none */
  edit<const Model extends string>(params: ForModel<AIImageEditParams, Model, Lacking>): Promise<AIImageResponse>
}

/** Texts as numbers. @typeParam Lacking ids of models that make no embeddings */
export type AIEmbeddingClient<Lacking extends string = never> = {
  /** The texts as lists of numbers, in the order of the texts. @throws AIError */
  create<const Model extends string>(
    params: ForModel<AIEmbeddingCreateParams, Model, Lacking>,
  ): Promise<AIEmbeddingResponse>
}

/** What a vendor objects to. @typeParam Lacking ids of models that do not moderate */
export type AIModerationClient<Lacking extends string = never> = {
  /** Whether a vendor objects to texts and images, and to what in them. @throws AIError */
  create<const Model extends string = string>(
    params: AIModerationCreateParams & { model?: Model extends Lacking ? never : Model },
  ): Promise<AIModerationResponse>
}

/**
 * Sound from text and text from sound.
 *
 * @typeParam Mute ids of models that do not speak
 * @typeParam Deaf ids of models that do not transcribe
 */
export type AIAudioClient<Mute extends string = never, Deaf extends string = never> = {
  /** A text as sound, piece by piece. Not tried again after the first piece. @throws AIError */
  speech?<const Model extends string>(params: ForModel<AISpeechParams, Model, Mute>): Promise<AISpeech>
  /** Sound as text. @throws AIError */
  transcribe?<const Model extends string>(params: ForModel<AITranscribeParams, Model, Deaf>): Promise<AITranscript>
}
