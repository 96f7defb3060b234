export { AI, type AIServer } from './ai.ts'
export { type AuthHeader, type AuthHeaderOptions, authHeader } from './auth-header.ts'
export {
  type AIChat,
  type AIChatChoice,
  type AIChatCompletion,
  type AIChatCompletionsCreateParams,
  type AIChatCompletionUsage,
  type AIChatMessage,
  type AIChatReply,
  AIChatRole,
  type AIChatStreamDelta,
  type AIChatStreamEvent,
  type AIChatStreamPart,
  type AICompleteness,
  type AIFactory,
  type AIFactoryParams,
  type AIFinishReason,
  type AIReasoning,
  type AIToolCall,
  type AIWarning,
  type AiProviderMetadata,
  type CompleteAI,
} from './contract.ts'
export { AIError, type AIErrorActor, type AIErrorCode } from './errors.ts'
export { type AICapability, type AIModelParameter, type AiModel, capabilitiesOf, models } from './model.ts'
export { aiProps } from './props.ts'
export { type AiProvider, AiProviders, type ProviderSdk } from './providers/index.ts'
