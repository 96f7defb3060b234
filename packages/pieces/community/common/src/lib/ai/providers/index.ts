import { authHeader } from '../auth-header.ts'
import type { AI, AiProviderMetadata } from '../contract.ts'
import { anthropic, anthropicModels } from './anthropic.ts'
import { openai, openaiModels } from './openai.ts'

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
