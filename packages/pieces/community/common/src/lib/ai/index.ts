export { AI, type AIServer } from './ai.ts'
export { type AuthHeader, type AuthHeaderOptions, authHeader } from './auth-header.ts'
/** For providers that are not in the registry: makes of what a factory returns all that `AI()` gives. */
export { complete } from './complete.ts'
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
  CompleteAI,
  CompleteAudio,
  CompleteChat,
  CompleteEmbedding,
  CompleteImage,
  CompleteModeration,
} from './contract.ts'
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
  type AIChatReply,
  type AIChatRequest,
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
} from './contract-chat.ts'
export type {
  AIEmbeddingCreateParams,
  AIEmbeddingReply,
  AIEmbeddingRequest,
  AIGeneratedImage,
  AIImageEditParams,
  AIImageGenerateParams,
  AIImageReply,
  AIMediaOptions,
  AIModerationCreateParams,
  AIModerationPart,
  AIModerationReply,
  AIModerationRequest,
  AISpeech,
  AISpeechFormat,
  AISpeechParams,
  AITranscribeParams,
  AITranscript,
  AITranscriptSegment,
} from './contract-media.ts'
/** For who sees replies pass by, as the proxy does. */
export { loadPrices, type PriceTable } from './cost.ts'
export { AIError, type AIErrorActor, type AIErrorCode } from './errors.ts'
export { type AIModelList, listModels } from './list-models.ts'
export {
  type AICapability,
  type AIModelOption,
  type AIModelParameter,
  type AiModel,
  capabilitiesOf,
  models,
} from './model.ts'
export type { AIListedModel, AIVendorModel } from './model-list.ts'
export { advancedOptionsOf, aiProps } from './props.ts'
export { readCost, readUsage, usageIn } from './protocols/read-usage.ts'
export { type AiProvider, AiProviders, type ProviderModels, type ProviderSdk } from './providers/index.ts'
export { errorOfReply } from './read-error.ts'
export { type AISupported, supports } from './supports.ts'
