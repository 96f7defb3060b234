import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** @see https://docs.mistral.ai/getting-started/models/models_overview */
export const mistralModels = [
  ...models({}, 'mistral-large-latest', 'mistral-medium-latest', 'mistral-small-latest', 'ministral-8b-latest'),
  ...models({}, 'ministral-3b-latest', 'codestral-latest', 'magistral-medium-latest', 'magistral-small-latest'),
  ...models({ supported: ['embedding'] }, 'mistral-embed', 'codestral-embed'),
  ...models({ supported: ['moderation'] }, 'mistral-moderation-latest'),
  ...models({ supported: ['text', 'transcription'] }, 'voxtral-mini-latest'),
] as const

/** Mistral. It rejects unknown fields. @see https://docs.mistral.ai/api/endpoint/chat */
export const mistral = openaiCompatible({
  provider: 'MISTRAL' as const,
  models: mistralModels,
  quirks: {
    maxTokensField: 'max_tokens',
    maxTemperature: 1.5,
    noStreamOptions: true,
    toolCallIdLength: 9,
    noParts: ['file'],
  },
  media: { embedding: { dimensionsField: 'output_dimension' }, moderation: { textsOnly: true } },
})

/** Tells an admin where to get a key. */
export const mistralInstructions = `Get a Mistral API key:

1. Open https://console.mistral.ai/api-keys.
2. Choose **Create new key**, copy the key and paste it here.
`
