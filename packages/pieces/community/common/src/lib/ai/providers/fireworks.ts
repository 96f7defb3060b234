import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** @see https://fireworks.ai/models */
export const fireworksModels = [
  ...models({}, 'accounts/fireworks/models/kimi-k3', 'accounts/fireworks/models/glm-5p2'),
  ...models({}, 'accounts/fireworks/models/deepseek-v4-pro', 'accounts/fireworks/models/minimax-m3'),
  ...models({}, 'accounts/fireworks/models/gpt-oss-120b', 'accounts/fireworks/models/qwen3p7-plus'),
  ...models(
    { supported: ['embedding'] },
    'accounts/fireworks/models/qwen3-embedding-8b',
    'nomic-ai/nomic-embed-text-v1.5',
  ),
] as const

/** Fireworks. @see https://docs.fireworks.ai/api-reference/post-chatcompletions */
export const fireworks = openaiCompatible({
  provider: 'FIREWORKS' as const,
  models: fireworksModels,
  quirks: { maxTokensField: 'max_tokens', reasoningField: 'reasoning_content', thinkTags: true, noParts: ['file'] },
})

/** Tells an admin where to get a key. */
export const fireworksInstructions = `Get a Fireworks API key:

1. Open https://app.fireworks.ai/settings/users/api-keys.
2. Choose **Create API Key**, copy the key and paste it here.
`
