import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** @see https://docs.x.ai/docs/models */
export const xaiModels = [
  ...models({ refuses: ['stop'] }, 'grok-4.6', 'grok-4.5', 'grok-4.3', 'grok-4-1-fast-reasoning'),
  ...models({}, 'grok-4-1-fast-non-reasoning', 'grok-code-fast-1'),
  ...models({ supported: ['image'] }, 'grok-imagine-image', 'grok-imagine-image-quality'),
] as const

/** xAI. @see https://docs.x.ai/docs/api-reference */
export const xai = openaiCompatible({
  provider: 'XAI' as const,
  models: xaiModels,
  quirks: { noParts: ['file'] },
  media: { image: { returnsUrls: true, aspectRatio: true, noStream: true, noEdit: true } },
  searchesByResponses: true,
})

/** Tells an admin where to get a key. */
export const xaiInstructions = `Get an xAI API key:

1. Open https://console.x.ai and choose **API Keys**.
2. Choose **Create API key**, copy the key and paste it here.
`
