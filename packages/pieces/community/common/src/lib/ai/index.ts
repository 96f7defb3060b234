export { AI, type AIProviderClient, type AIServer } from './ai.ts'
export { type AuthHeaderOptions, authHeader } from './auth-header.ts'
export {
  type AICacheHint,
  type AIChange,
  type AIChatChoice,
  type AIChatCompletion,
  type AIChatCompletionsCreateParams,
  type AIChatCompletionUsage,
  type AIChatMessage,
  type AIChatObject,
  type AIChatObjectEvent,
  type AIChatObjectParams,
  type AIChatPhase,
  type AIChatRequest,
  type AIChatResponse,
  AIChatRole,
  type AIChatRunEvent,
  type AIChatRunParams,
  type AIChatStreamDelta,
  type AIChatStreamEvent,
  type AIChatStreamPart,
  type AICompleteness,
  type AIContentPart,
  type AICost,
  type AIExplanation,
  type AIFile,
  type AIFinishReason,
  type AIFrameworkFile,
  type AIJsonSchema,
  type AIReasoning,
  type AIReasoningEffort,
  type AIRunnableTool,
  type AISchema,
  type AISource,
  type AITimeout,
  type AITool,
  type AIToolCall,
  type AIToolChoice,
  type AIToolDefinition,
  type AIUsageParts,
  type AIWarning,
} from './contract/chat.ts'
export type {
  AIAudioClient,
  AIChatClient,
  AIClient,
  AIEmbeddingClient,
  AIImageClient,
  AIModerationClient,
} from './contract/client.ts'
export type { AIErrorActor, AIErrorCode } from './contract/errors.ts'
export type {
  AIEmbeddingCreateParams,
  AIEmbeddingRequest,
  AIEmbeddingResponse,
  AIGeneratedImage,
  AIImageEditParams,
  AIImageGenerateParams,
  AIImageResponse,
  AIMediaOptions,
  AIModerationCreateParams,
  AIModerationPart,
  AIModerationRequest,
  AIModerationResponse,
  AISpeech,
  AISpeechFormat,
  AISpeechParams,
  AITranscribeParams,
  AITranscript,
  AITranscriptSegment,
} from './contract/media.ts'
export {
  type AICapability,
  type AIListedModel,
  type AIModel,
  type AIModelOption,
  type AIModelParameter,
  type AIVendorModel,
  capabilitiesOf,
  models,
} from './contract/model.ts'
export type {
  AIAudio,
  AIChat,
  AIEmbedding,
  AIFactory,
  AIFactoryParams,
  AIImage,
  AIModels,
  AIModeration,
  AiProviderMetadata,
  AuthHeader,
} from './contract/registry.ts'
export { AIError } from './errors/ai-error.ts'
export { errorFromResponse } from './errors/read.ts'
export { type AIModelList, listModels } from './list-models.ts'
export { advancedOptionsOf, aiProps } from './pieces/props.ts'
export { type AiProvider, AiProviders, type ProviderModels, type ProviderSdk } from './providers/index.ts'
/** For observers of responses, such as the proxy. */
export { loadPrices, type PriceTable } from './runtime/cost.ts'
/** For providers that are not in the registry: creates the client that `AI()` returns. */
export { createAI } from './runtime/create-ai.ts'
export { readCost, readUsage, usageIn } from './runtime/read-usage.ts'
