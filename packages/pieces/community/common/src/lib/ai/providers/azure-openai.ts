import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

const reasoning = { refuses: ['creativity', 'stop'], systemRole: 'developer', maxOutputTokens: 128_000 } as const

/** Usual names of deployments: those of their models. @see https://learn.microsoft.com/azure/ai-foundry/openai */
export const azureOpenaiModels = [
  ...models(reasoning, 'gpt-5.6-sol', 'gpt-5.6-terra', 'gpt-5.6-luna', 'gpt-5.4', 'gpt-5-mini', 'gpt-5-nano'),
  ...models({}, 'gpt-4.1', 'gpt-4.1-mini', 'grok-4-1-fast-non-reasoning', 'deepseek-v4-pro', 'Kimi-K2.5'),
  ...models({ supported: ['embedding'] }, 'text-embedding-3-small', 'text-embedding-3-large'),
  ...models({ supported: ['image'] }, 'gpt-image-1.5', 'gpt-image-1-mini'),
  ...models({ supported: ['speech'] }, 'gpt-4o-mini-tts', 'tts-hd'),
  ...models({ supported: ['transcription'] }, 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe', 'whisper'),
] as const

/**
 * Models on Azure over its v1 API. The model id is the name of a deployment.
 *
 * @see https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export const azureOpenai = openaiCompatible({
  provider: 'AZURE_OPENAI' as const,
  models: azureOpenaiModels,
  noModelList: true, // it lists deployable models instead of deployments
  quirks: { thinkTags: true },
})

/** Tells an admin where to get a key. */
export const azureOpenaiInstructions = `Get a key of Azure OpenAI:

1. Open https://ai.azure.com and go to the keys and endpoint of your resource.
2. Enter the endpoint as the base URL, with your resource's name: \`https://my-resource.openai.azure.com/openai\`.
3. Copy one of the two keys and paste it here.

The model id is the name of a deployment.
`
