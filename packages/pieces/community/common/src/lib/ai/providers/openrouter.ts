import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** A few of several hundred models; all others work too. @see https://openrouter.ai/models */
export const openrouterModels = [
  ...models({}, 'anthropic/claude-opus-5.5', 'anthropic/claude-sonnet-5', 'anthropic/claude-haiku-4.5'),
  ...models({}, 'openai/gpt-5.6-sol', 'openai/gpt-5', 'google/gemini-3.6-flash', 'google/gemini-2.5-flash'),
  ...models({}, 'x-ai/grok-4', 'deepseek/deepseek-chat', 'z-ai/glm-4.6', 'mistralai/mistral-small'),
  ...models({ supported: ['embedding'] }, 'openai/text-embedding-3-small', 'openai/text-embedding-3-large'),
  ...models({ supported: ['speech'] }, 'hexgrad/kokoro-82m'),
] as const

/** OpenRouter. @see https://openrouter.ai/docs/api-reference/chat-completion */
export const openrouter = openaiCompatible({
  provider: 'OPENROUTER' as const,
  models: openrouterModels,
  quirks: {
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning',
    reasoningDetails: true,
    webSearch: { plugins: [{ id: 'web' }] },
  },
})

/** Tells an admin where to get a key. */
export const openrouterInstructions = `Get an OpenRouter API key:

1. Open https://openrouter.ai/settings/keys.
2. Choose **Create API Key**, copy the key and paste it here.
`
