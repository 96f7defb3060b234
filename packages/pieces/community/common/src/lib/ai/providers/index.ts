import { authHeader } from '../auth-header.ts'
import type { AIModel } from '../contract/model.ts'
import type { AI, AiProviderMetadata } from '../contract/registry.ts'
import { amazonBedrock, amazonBedrockModels } from './amazon-bedrock.ts'
import { anthropic, anthropicModels } from './anthropic.ts'
import { azureOpenai, azureOpenaiModels } from './azure-openai.ts'
import { cohere, cohereModels } from './cohere.ts'
import { deepseek, deepseekModels } from './deepseek.ts'
import { fireworks, fireworksModels } from './fireworks.ts'
import { gemini, geminiModels, geminiUploadHeaders } from './gemini.ts'
import { groq, groqModels } from './groq.ts'
import { mistral, mistralModels } from './mistral.ts'
import { ollama, ollamaModels } from './ollama.ts'
import { openai, openaiModels } from './openai.ts'
import { openaiCompatibleProvider } from './openai-compatible.ts'
import { openrouter, openrouterModels } from './openrouter.ts'
import { perplexity, perplexityModels } from './perplexity.ts'
import { replicate, replicateModels } from './replicate.ts'
import { together, togetherModels } from './together.ts'
import { xai, xaiModels } from './xai.ts'

/** @lintignore the page has contributors import it from here */
export { authHeader }

/** Every vendor, once: ids, types, dropdowns, the server's catalogue and the documentation's tables come from here. */
export const AiProviders = [
  {
    logoUrl: '/logos/amazon-bedrock.svg',
    defaultBaseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
    label: 'Amazon Bedrock' as const,
    value: 'amazon-bedrock' as const,
    models: amazonBedrockModels,
    auth: authHeader({ bearer: true }),
    factory: amazonBedrock,
    instructionsMarkdown: `Get an Amazon Bedrock API key:

1. Open https://console.aws.amazon.com/bedrock/home#/api-keys and choose your region at the top.
2. Choose **Long-term API keys**, generate a key, copy it and paste it here. A short-term key ends after 12 hours at most.
3. Enter the base URL of the same region: \`https://bedrock-runtime.eu-central-1.amazonaws.com\` for Frankfurt. A key works in
   its own region alone.

Some makers' models, such as Anthropic's, ask for a form about your use of them first, in the console's model catalog.
`,
  },
  {
    logoUrl: '/logos/anthropic.svg',
    defaultBaseUrl: 'https://api.anthropic.com',
    label: 'Anthropic' as const,
    value: 'anthropic' as const,
    models: anthropicModels,
    auth: authHeader({ name: 'x-api-key', bearer: false }),
    factory: anthropic,
    instructionsMarkdown: `Get a Claude API key:

1. Open https://platform.claude.com/settings/keys.
2. Choose **Create Key**, copy the key and paste it here.
`,
  },
  {
    logoUrl: '/logos/azure-openai.svg',
    defaultBaseUrl: 'https://YOUR-RESOURCE.openai.azure.com/openai',
    label: 'Azure OpenAI' as const,
    value: 'azure-openai' as const,
    models: azureOpenaiModels,
    auth: authHeader({ name: 'api-key', bearer: false }),
    factory: azureOpenai,
    instructionsMarkdown: `Get a key of Azure OpenAI:

1. Open https://ai.azure.com, and in your project the page of your resource's keys and endpoint.
2. Enter the endpoint as the base URL, with your resource's name: \`https://my-resource.openai.azure.com/openai\`.
3. Copy one of the two keys and paste it here.

A model is asked for by the name of its deployment.
`,
  },
  {
    logoUrl: '/logos/cohere.svg',
    defaultBaseUrl: 'https://api.cohere.com',
    label: 'Cohere' as const,
    value: 'cohere' as const,
    models: cohereModels,
    auth: authHeader({ bearer: true }),
    factory: cohere,
    instructionsMarkdown: `Get a Cohere API key:

1. Open https://dashboard.cohere.com/api-keys.
2. Choose **New Production Key**, or take the trial key that is there, and paste it here.
`,
  },
  {
    logoUrl: '/logos/deepseek.svg',
    defaultBaseUrl: 'https://api.deepseek.com',
    label: 'DeepSeek' as const,
    value: 'deepseek' as const,
    models: deepseekModels,
    auth: authHeader({ bearer: true }),
    factory: deepseek,
    instructionsMarkdown: `Get a DeepSeek API key:

1. Open https://platform.deepseek.com/api_keys.
2. Choose **Create new API key**, copy the key and paste it here.
`,
  },
  {
    logoUrl: '/logos/fireworks.svg',
    defaultBaseUrl: 'https://api.fireworks.ai/inference',
    label: 'Fireworks' as const,
    value: 'fireworks' as const,
    models: fireworksModels,
    auth: authHeader({ bearer: true }),
    factory: fireworks,
    instructionsMarkdown: `Get a Fireworks API key:

1. Open https://app.fireworks.ai/settings/users/api-keys.
2. Choose **Create API Key**, copy the key and paste it here.
`,
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
    instructionsMarkdown: `Get a Gemini API key:

1. Open https://aistudio.google.com/apikey.
2. Choose **Create API key**, copy the key and paste it here.
`,
  },
  {
    logoUrl: '/logos/groq.svg',
    defaultBaseUrl: 'https://api.groq.com/openai',
    label: 'Groq' as const,
    value: 'groq' as const,
    models: groqModels,
    auth: authHeader({ bearer: true }),
    factory: groq,
    instructionsMarkdown: `Get a Groq API key:

1. Open https://console.groq.com/keys.
2. Choose **Create API Key**, copy the key and paste it here.
`,
  },
  {
    logoUrl: '/logos/mistral.svg',
    defaultBaseUrl: 'https://api.mistral.ai',
    label: 'Mistral' as const,
    value: 'mistral' as const,
    models: mistralModels,
    auth: authHeader({ bearer: true }),
    factory: mistral,
    instructionsMarkdown: `Get a Mistral API key:

1. Open https://console.mistral.ai/api-keys.
2. Choose **Create new key**, copy the key and paste it here.
`,
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
    instructionsMarkdown: `Connect an Ollama server (https://ollama.com):

1. Start it where this server can reach it, and pull a model: \`ollama pull qwen3\`.
2. Enter its address as the base URL. A key is needed only where a gateway in front of it asks for one.
`,
  },
  {
    logoUrl: '/logos/openai.svg',
    defaultBaseUrl: 'https://api.openai.com',
    label: 'OpenAI' as const,
    value: 'openai' as const,
    models: openaiModels,
    auth: authHeader({ bearer: true }),
    factory: openai,
    instructionsMarkdown: `Get an OpenAI API key:

1. Open https://platform.openai.com/api-keys.
2. Choose **Create new secret key**, copy the key and paste it here.

Add credit to the account first: a key without credit answers every call with an error 429.
`,
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
    instructionsMarkdown: `Connect any server that speaks OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat),
such as a gateway, vLLM, LM Studio or llama.cpp:

1. Enter its address as the base URL, without \`/v1\`.
2. Enter its key, if it asks for one.

Each connection has a name of its own: flows choose it as \`openai-compatible@my-gateway\`.
`,
  },
  {
    logoUrl: '/logos/openrouter.svg',
    defaultBaseUrl: 'https://openrouter.ai/api',
    label: 'OpenRouter' as const,
    value: 'openrouter' as const,
    models: openrouterModels,
    auth: authHeader({ bearer: true }),
    factory: openrouter,
    instructionsMarkdown: `Get an OpenRouter API key:

1. Open https://openrouter.ai/settings/keys.
2. Choose **Create API Key**, copy the key and paste it here.
`,
  },
  {
    logoUrl: '/logos/perplexity.svg',
    defaultBaseUrl: 'https://api.perplexity.ai',
    label: 'Perplexity' as const,
    value: 'perplexity' as const,
    models: perplexityModels,
    auth: authHeader({ bearer: true }),
    factory: perplexity,
    instructionsMarkdown: `Get a Perplexity API key:

1. Open https://www.perplexity.ai/account/api/keys.
2. Choose **Generate API key**, copy the key and paste it here.
`,
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
    instructionsMarkdown: `Get a Replicate API token:

1. Open https://replicate.com/account/api-tokens.
2. Choose **Create token**, copy the token and paste it here.
`,
  },
  {
    logoUrl: '/logos/together.svg',
    defaultBaseUrl: 'https://api.together.xyz',
    label: 'Together AI' as const,
    value: 'together' as const,
    models: togetherModels,
    auth: authHeader({ bearer: true }),
    factory: together,
    instructionsMarkdown: `Get a Together AI API key:

1. Open https://api.together.ai/settings/api-keys.
2. Copy the key and paste it here.
`,
  },
  {
    logoUrl: '/logos/xai.svg',
    defaultBaseUrl: 'https://api.x.ai',
    label: 'xAI' as const,
    value: 'xai' as const,
    models: xaiModels,
    auth: authHeader({ bearer: true }),
    factory: xai,
    instructionsMarkdown: `Get an xAI API key:

1. Open https://console.x.ai and choose **API Keys**.
2. Choose **Create API key**, copy the key and paste it here.
`,
  },
] as const satisfies readonly AiProviderMetadata[]

/** The id of a provider in the registry. */
export type AiProvider = (typeof AiProviders)[number]['value']

/** The official client of a provider or connection; `unknown` for a plain string. */
export type ProviderSdk<Provider extends string> = string extends Provider
  ? unknown
  : Provider extends `${infer Value}@${string}`
    ? ProviderSdk<Value>
    : Extract<(typeof AiProviders)[number], { value: Provider }>['factory'] extends (params: never) => AI<infer SDK>
      ? SDK
      : unknown

/** The models of a provider or connection; `AIModel` for a plain string. */
export type ProviderModels<Provider extends string> = string extends Provider
  ? AIModel
  : Provider extends `${infer Value}@${string}`
    ? ProviderModels<Value>
    : Extract<(typeof AiProviders)[number], { value: Provider }>['models'][number]
