import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** @see https://api-docs.deepseek.com/quick_start/pricing */
export const deepseekModels = models({}, 'deepseek-v4-pro', 'deepseek-v4-flash', 'deepseek-chat', 'deepseek-reasoner')

/** DeepSeek. Its JSON mode has no schema, and it requires reasoning back. @see https://api-docs.deepseek.com */
export const deepseek = openaiCompatible({
  provider: 'DEEPSEEK' as const,
  models: deepseekModels,
  quirks: {
    maxTokensField: 'max_tokens',
    noJsonSchema: true,
    reasoningField: 'reasoning_content',
    noParts: ['image', 'image-url', 'file'],
  },
})

/** Tells an admin where to get a key. */
export const deepseekInstructions = `Get a DeepSeek API key:

1. Open https://platform.deepseek.com/api_keys.
2. Choose **Create new API key**, copy the key and paste it here.
`
