import { authHeader } from '../auth-header.ts'
import type { AI, AiProviderMetadata } from '../contract.ts'
import type { AiModel } from '../model.ts'
import { anthropic, anthropicModels } from './anthropic.ts'
import { groq, groqModels } from './groq.ts'
import { ollama, ollamaModels } from './ollama.ts'
import { openai, openaiModels } from './openai.ts'
import { openaiCompatibleProvider } from './openai-compatible.ts'

/** @lintignore the page has contributors import it from here */
export { authHeader }

/** Every vendor, once: ids, types, dropdowns, the server's catalogue and the documentation's tables come from here. */
export const AiProviders = [
  {
    logoUrl: 'https://cdn.activepieces.com/pieces/claude.png',
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
    logoUrl: 'https://cdn.activepieces.com/pieces/groq.png',
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
    logoUrl: 'https://cdn.activepieces.com/pieces/ollama.png',
    defaultBaseUrl: 'http://localhost:11434',
    label: 'Ollama' as const,
    value: 'ollama' as const,
    models: ollamaModels,
    auth: authHeader({ bearer: true }),
    keyless: true,
    factory: ollama,
    instructionsMarkdown: `Connect an Ollama server (https://ollama.com):

1. Start it where this server can reach it, and pull a model: \`ollama pull qwen3\`.
2. Enter its address as the base URL. A key is needed only where a gateway in front of it asks for one.
`,
  },
  {
    logoUrl: 'https://cdn.activepieces.com/pieces/openai.png',
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
    logoUrl: 'https://cdn.activepieces.com/pieces/openai.png',
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
] as const satisfies readonly AiProviderMetadata[]

/** The value of a provider in the registry. */
export type AiProvider = (typeof AiProviders)[number]['value']

/** The official client of a provider, or of one of its connections; `unknown` where the value is no literal. */
export type ProviderSdk<Provider extends string> = string extends Provider
  ? unknown
  : Provider extends `${infer Value}@${string}`
    ? ProviderSdk<Value>
    : Extract<(typeof AiProviders)[number], { value: Provider }>['factory'] extends (params: never) => AI<infer SDK>
      ? SDK
      : unknown

/** The models of a provider, or of one of its connections; any where the value is no literal. */
export type ProviderModels<Provider extends string> = string extends Provider
  ? AiModel
  : Provider extends `${infer Value}@${string}`
    ? ProviderModels<Value>
    : Extract<(typeof AiProviders)[number], { value: Provider }>['models'][number]
