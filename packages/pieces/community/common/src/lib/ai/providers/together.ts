import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** @see https://docs.together.ai/docs/serverless-models */
export const togetherModels = [
  ...models({}, 'meta-llama/Llama-3.3-70B-Instruct-Turbo', 'meta-llama/Llama-4-Scout-17B-16E-Instruct'),
  ...models({}, 'meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8'),
  ...models({ supported: ['embedding'] }, 'intfloat/multilingual-e5-large-instruct'),
  ...models({ supported: ['image'] }, 'black-forest-labs/FLUX.1-schnell', 'black-forest-labs/FLUX.1.1-pro'),
  ...models({ supported: ['speech'] }, 'cartesia/sonic-2'),
  ...models({ supported: ['transcription'], transcript: 'verbose_json' }, 'openai/whisper-large-v3'),
] as const

/** Together AI. @see https://docs.together.ai/reference/chat-completions-1 */
export const together = openaiCompatible({
  provider: 'TOGETHER' as const,
  models: togetherModels,
  quirks: { maxTokensField: 'max_tokens', thinkTags: true, noParts: ['file'] },
  media: { image: { widthHeight: true, noStream: true, noEdit: true } },
})

/** Tells an admin where to get a key. */
export const togetherInstructions = `Get a Together AI API key:

1. Open https://api.together.ai/settings/api-keys.
2. Copy the key and paste it here.
`
