import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** @see https://docs.perplexity.ai/getting-started/models */
export const perplexityModels = [
  ...models({}, 'sonar', 'sonar-pro', 'sonar-reasoning-pro', 'sonar-deep-research'),
  ...models({ supported: ['embedding'] }, 'pplx-embed-v1-0.6b', 'pplx-embed-v1-4b'),
] as const

/** Perplexity. It always searches the web, and has no tools. @see https://docs.perplexity.ai/api-reference/chat-completions-post */
export const perplexity = openaiCompatible({
  provider: 'PERPLEXITY' as const,
  models: perplexityModels,
  path: '',
  noModelList: true, // it lists models of another API
  quirks: {
    maxTokensField: 'max_tokens',
    noTools: true,
    webSearch: {},
    noStreamOptions: true,
    endsWithoutDone: true,
    thinkTags: true,
    noParts: ['file'],
  },
  media: { embedding: { path: '/v1/embeddings', int8: true } },
})

/** Tells an admin where to get a key. */
export const perplexityInstructions = `Get a Perplexity API key:

1. Open https://www.perplexity.ai/account/api/keys.
2. Choose **Generate API key**, copy the key and paste it here.
`
