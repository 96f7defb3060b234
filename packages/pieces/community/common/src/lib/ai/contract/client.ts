import type {
  AIChatCompletion,
  AIChatCompletionsCreateParams,
  AIChatObject,
  AIChatObjectEvent,
  AIChatObjectParams,
  AIChatRunEvent,
  AIChatRunParams,
  AIChatStreamEvent,
  AICost,
  AIExplanation,
} from './chat.ts'
import type {
  AIEmbeddingCreateParams,
  AIEmbeddingResponse,
  AIImageEditParams,
  AIImageGenerateParams,
  AIImageResponse,
  AIModerationCreateParams,
  AIModerationResponse,
  AISpeech,
  AISpeechParams,
  AITranscribeParams,
  AITranscript,
} from './media.ts'
import type { AICapability, AIModel } from './model.ts'

/**
 * The AI of one provider, as `AI({ provider, server })` returns it. Chat is complete for every provider; what a provider
 * does not offer is undefined: `ai.image?.generate(…)`. A call to a model that is known to lack the capability throws an
 * AIError `unsupported` before anything is sent.
 *
 * @typeParam SDK the vendor's official client
 * @typeParam Models the registry's models of the provider: their ids complete in an editor, any other id is accepted
 */
export interface AIClient<SDK = unknown, Models extends AIModel = AIModel> {
  readonly provider: string
  /**
   * Loads the vendor's official client, pointed at our proxy.
   *
   * @throws AIError `unsupported` if the provider has no SDK
   */
  readonly sdk: () => Promise<SDK>
  /**
   * Returns the exact request that `chat.text` would send (`chat.stream` with `stream: true`), and every change that was
   * made to the parameters, without sending it. @throws AIError like the call itself
   */
  explain(
    params: WithModel<AIChatCompletionsCreateParams, Models, 'text'>,
    options?: { stream?: boolean },
  ): Promise<AIExplanation>
  /** Prices a completion of this provider. Undefined if its tokens or its price are unknown. */
  readonly cost: (completion: Pick<AIChatCompletion, 'model' | 'usage'>) => Promise<AICost | undefined>
  readonly chat: AIChatClient<Models>
  readonly image?: AIImageClient<Models>
  readonly embedding?: AIEmbeddingClient<Models>
  readonly moderation?: AIModerationClient<Models>
  readonly audio?: AIAudioClient<Models>
}

// Methods instead of function properties, so that the client of a known provider is assignable to a plain AIClient.

/** Chat, in every form. */
export interface AIChatClient<Models extends AIModel = AIModel> {
  /** Returns one completion. @throws AIError */
  text(params: WithModel<AIChatCompletionsCreateParams, Models, 'text'>): Promise<AIChatCompletion>
  /**
   * Streams a completion: deltas, then exactly one `end` event. An abort ends the stream.
   *
   * @throws AIError
   */
  stream(params: WithModel<AIChatCompletionsCreateParams, Models, 'text'>): AsyncIterable<AIChatStreamEvent>
  /** Returns a value that matches the schema. @throws AIError `refused`, `truncated` or `invalid-object` */
  object<Value = unknown>(params: WithModel<AIChatObjectParams<Value>, Models, 'text'>): Promise<AIChatObject<Value>>
  /** Streams a value: partial objects, then exactly one `end` event with the valid one. @throws AIError */
  objectStream<Value = unknown>(
    params: WithModel<AIChatObjectParams<Value>, Models, 'text'>,
  ): AsyncIterable<AIChatObjectEvent<Value>>
  /** Runs the tool loop: calls the model, runs its tools and returns their results to it until it is done. @throws AIError */
  run(params: WithModel<AIChatRunParams, Models, 'text'>): AsyncIterable<AIChatRunEvent>
}

/** Image generation and editing. */
export interface AIImageClient<Models extends AIModel = AIModel> {
  /** Generates images from a prompt. @throws AIError */
  generate(params: WithModel<AIImageGenerateParams, Models, 'image'>): Promise<AIImageResponse>
  /** Edits images. @throws AIError `unsupported` if the provider does not edit images */
  edit(params: WithModel<AIImageEditParams, Models, 'image'>): Promise<AIImageResponse>
}

/** Embeddings. */
export interface AIEmbeddingClient<Models extends AIModel = AIModel> {
  /** Returns one embedding per input, in the order of the inputs. @throws AIError */
  create(params: WithModel<AIEmbeddingCreateParams, Models, 'embedding'>): Promise<AIEmbeddingResponse>
}

/** Moderation. */
export interface AIModerationClient<Models extends AIModel = AIModel> {
  /** Checks texts and images against the vendor's content policy. @throws AIError */
  create(
    params: Omit<AIModerationCreateParams, 'model'> & Partial<ModelParam<Models, 'moderation'>>,
  ): Promise<AIModerationResponse>
}

/** Speech and transcription. */
export interface AIAudioClient<Models extends AIModel = AIModel> {
  /** Converts text to speech and streams it. Not retried after the first chunk. @throws AIError */
  speech?(params: WithModel<AISpeechParams, Models, 'speech'>): Promise<AISpeech>
  /** Transcribes an audio file. @throws AIError */
  transcribe?(params: WithModel<AITranscribeParams, Models, 'transcription'>): Promise<AITranscript>
}

type WithModel<Params, Models extends AIModel, Capability extends AICapability> = Omit<Params, 'model'> &
  ModelParam<Models, Capability>

type ModelParam<Models extends AIModel, Capability extends AICapability> = {
  /** A model of the registry, or any other id that the provider serves. */
  model: ModelId<Models, Capability> | (string & {})
}

/** The ids of the models with a capability. */
type ModelId<Models extends AIModel, Capability extends AICapability> = Models extends {
  readonly supported: readonly (infer Supported)[]
}
  ? Capability extends Supported
    ? Models['value']
    : never
  : Capability extends 'text'
    ? Models['value']
    : never
