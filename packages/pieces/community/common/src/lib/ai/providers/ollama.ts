import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/** Popular models; any other installed model works too. @see https://ollama.com/library */
export const ollamaModels = [
  ...models({}, 'gpt-oss:20b', 'qwen3', 'llama3.3', 'gemma3', 'mistral-small3.1', 'deepseek-r1'),
  ...models({ supported: ['embedding'] }, 'nomic-embed-text', 'mxbai-embed-large', 'embeddinggemma'),
] as const

/** Ollama, a local server for open models. @see https://docs.ollama.com/openai */
export const ollama = openaiCompatible({
  provider: 'OLLAMA' as const,
  models: ollamaModels,
  quirks: {
    maxTokensField: 'max_tokens',
    reasoningField: 'reasoning',
    thinkTags: true,
    noParts: ['image-url', 'file'],
  },
})

/** Tells an admin where to get a key. */
export const ollamaInstructions = `Connect an Ollama server (https://ollama.com):

1. Start Ollama where this server can reach it, and pull a model: \`ollama pull qwen3\`.
2. Enter its address as the base URL. A key is only needed if a gateway in front of it requires one.
`
