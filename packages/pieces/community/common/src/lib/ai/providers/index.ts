import { authHeader } from '../auth-header.ts'
import type { AI, AiProviderMetadata } from '../contract/registry.ts'
import { amazonBedrock, amazonBedrockInstructions, amazonBedrockModels } from './amazon-bedrock.ts'
import { anthropic, anthropicInstructions, anthropicModels } from './anthropic.ts'
import { azureOpenai, azureOpenaiInstructions, azureOpenaiModels } from './azure-openai.ts'
import { cohere, cohereInstructions, cohereModels } from './cohere.ts'
import { deepseek, deepseekInstructions, deepseekModels } from './deepseek.ts'
import { fireworks, fireworksInstructions, fireworksModels } from './fireworks.ts'
import { gemini, geminiInstructions, geminiModels, geminiUploadHeaders } from './gemini.ts'
import { groq, groqInstructions, groqModels } from './groq.ts'
import { mistral, mistralInstructions, mistralModels } from './mistral.ts'
import { ollama, ollamaInstructions, ollamaModels } from './ollama.ts'
import { openai, openaiInstructions, openaiModels } from './openai.ts'
import { openaiCompatibleInstructions, openaiCompatibleProvider } from './openai-compatible.ts'
import { openrouter, openrouterInstructions, openrouterModels } from './openrouter.ts'
import { perplexity, perplexityInstructions, perplexityModels } from './perplexity.ts'
import { replicate, replicateInstructions, replicateModels } from './replicate.ts'
import { together, togetherInstructions, togetherModels } from './together.ts'
import { xai, xaiInstructions, xaiModels } from './xai.ts'

/** @lintignore the page has contributors import it from here */
export { authHeader }

/** All providers: ids, types, dropdowns, the server's catalogue and the documentation's tables come from here. */
export const AiProviders = [
  {
    logoUrl: '/logos/amazon-bedrock.svg',
    defaultBaseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    label: 'Amazon Bedrock' as const,
    value: 'amazon-bedrock' as const,
    models: amazonBedrockModels,
    auth: authHeader({ bearer: true }),
    factory: amazonBedrock,
    instructionsMarkdown: amazonBedrockInstructions,
  },
  {
    logoUrl: '/logos/anthropic.svg',
    defaultBaseUrl: 'https://api.anthropic.com',
    label: 'Anthropic' as const,
    value: 'anthropic' as const,
    models: anthropicModels,
    auth: authHeader({ name: 'x-api-key', bearer: false }),
    factory: anthropic,
    instructionsMarkdown: anthropicInstructions,
  },
  {
    logoUrl: '/logos/azure-openai.svg',
    defaultBaseUrl: 'https://YOUR-RESOURCE.openai.azure.com/openai',
    label: 'Azure OpenAI' as const,
    value: 'azure-openai' as const,
    models: azureOpenaiModels,
    auth: authHeader({ name: 'api-key', bearer: false }),
    factory: azureOpenai,
    instructionsMarkdown: azureOpenaiInstructions,
  },
  {
    logoUrl: '/logos/cohere.svg',
    defaultBaseUrl: 'https://api.cohere.com',
    label: 'Cohere' as const,
    value: 'cohere' as const,
    models: cohereModels,
    auth: authHeader({ bearer: true }),
    factory: cohere,
    instructionsMarkdown: cohereInstructions,
  },
  {
    logoUrl: '/logos/deepseek.svg',
    defaultBaseUrl: 'https://api.deepseek.com',
    label: 'DeepSeek' as const,
    value: 'deepseek' as const,
    models: deepseekModels,
    auth: authHeader({ bearer: true }),
    factory: deepseek,
    instructionsMarkdown: deepseekInstructions,
  },
  {
    logoUrl: '/logos/fireworks.svg',
    defaultBaseUrl: 'https://api.fireworks.ai/inference',
    label: 'Fireworks' as const,
    value: 'fireworks' as const,
    models: fireworksModels,
    auth: authHeader({ bearer: true }),
    factory: fireworks,
    instructionsMarkdown: fireworksInstructions,
  },
  {
    logoUrl: '/logos/gemini.svg',
    defaultBaseUrl: 'https://generativelanguage.googleapis.com',
    label: 'Google Gemini' as const,
    value: 'gemini' as const,
    models: geminiModels,
    auth: authHeader({ name: 'x-goog-api-key', bearer: false }),
    requestHeaders: geminiUploadHeaders,
    factory: gemini,
    instructionsMarkdown: geminiInstructions,
  },
  {
    logoUrl: '/logos/groq.svg',
    defaultBaseUrl: 'https://api.groq.com/openai',
    label: 'Groq' as const,
    value: 'groq' as const,
    models: groqModels,
    auth: authHeader({ bearer: true }),
    factory: groq,
    instructionsMarkdown: groqInstructions,
  },
  {
    logoUrl: '/logos/mistral.svg',
    defaultBaseUrl: 'https://api.mistral.ai',
    label: 'Mistral' as const,
    value: 'mistral' as const,
    models: mistralModels,
    auth: authHeader({ bearer: true }),
    factory: mistral,
    instructionsMarkdown: mistralInstructions,
  },
  {
    logoUrl: '/logos/ollama.svg',
    defaultBaseUrl: 'http://localhost:11434',
    label: 'Ollama' as const,
    value: 'ollama' as const,
    models: ollamaModels,
    auth: authHeader({ bearer: true }),
    keyless: true,
    free: true,
    factory: ollama,
    instructionsMarkdown: ollamaInstructions,
  },
  {
    logoUrl: '/logos/openai.svg',
    defaultBaseUrl: 'https://api.openai.com',
    label: 'OpenAI' as const,
    value: 'openai' as const,
    models: openaiModels,
    auth: authHeader({ bearer: true }),
    factory: openai,
    instructionsMarkdown: openaiInstructions,
  },
  {
    logoUrl: '/logos/openai-compatible.svg',
    defaultBaseUrl: 'http://localhost:8000',
    label: 'OpenAI-compatible' as const,
    value: 'openai-compatible' as const,
    models: [],
    auth: authHeader({ bearer: true }),
    keyless: true,
    factory: openaiCompatibleProvider,
    instructionsMarkdown: openaiCompatibleInstructions,
  },
  {
    logoUrl: '/logos/openrouter.svg',
    defaultBaseUrl: 'https://openrouter.ai/api',
    label: 'OpenRouter' as const,
    value: 'openrouter' as const,
    models: openrouterModels,
    auth: authHeader({ bearer: true }),
    factory: openrouter,
    instructionsMarkdown: openrouterInstructions,
  },
  {
    logoUrl: '/logos/perplexity.svg',
    defaultBaseUrl: 'https://api.perplexity.ai',
    label: 'Perplexity' as const,
    value: 'perplexity' as const,
    models: perplexityModels,
    auth: authHeader({ bearer: true }),
    factory: perplexity,
    instructionsMarkdown: perplexityInstructions,
  },
  {
    logoUrl: '/logos/replicate.svg',
    defaultBaseUrl: 'https://api.replicate.com',
    label: 'Replicate' as const,
    value: 'replicate' as const,
    models: replicateModels,
    auth: authHeader({ bearer: true }),
    requestHeaders: ['cancel-after'],
    factory: replicate,
    instructionsMarkdown: replicateInstructions,
  },
  {
    logoUrl: '/logos/together.svg',
    defaultBaseUrl: 'https://api.together.xyz',
    label: 'Together AI' as const,
    value: 'together' as const,
    models: togetherModels,
    auth: authHeader({ bearer: true }),
    factory: together,
    instructionsMarkdown: togetherInstructions,
  },
  {
    logoUrl: '/logos/xai.svg',
    defaultBaseUrl: 'https://api.x.ai',
    label: 'xAI' as const,
    value: 'xai' as const,
    models: xaiModels,
    auth: authHeader({ bearer: true }),
    factory: xai,
    instructionsMarkdown: xaiInstructions,
  },
] as const satisfies readonly AiProviderMetadata[]

/** The id of a provider in the registry. */
export type AiProvider = (typeof AiProviders)[number]['value']

/** The official client of a provider or connection; `unknown` for a plain string. */
export type ProviderSdk<Provider extends string> = EntryOf<Provider>['factory'] extends (params: never) => AI<infer SDK>
  ? SDK
  : unknown

/** The models of a provider or connection; `AIModel` for a plain string. */
export type ProviderModels<Provider extends string> = EntryOf<Provider>['models'][number]

type EntryOf<Provider extends string> = string extends Provider
  ? AiProviderMetadata
  : Provider extends `${infer Value}@${string}`
    ? EntryOf<Value>
    : Extract<(typeof AiProviders)[number], { value: Provider }>
