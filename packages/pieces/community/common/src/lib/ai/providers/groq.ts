import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

const gptOss = { reasoningEfforts: ['low', 'medium', 'high'] } as const

/** @see https://console.groq.com/docs/models */
export const groqModels = [
  ...models(gptOss, 'openai/gpt-oss-120b', 'openai/gpt-oss-20b'),
  ...models({}, 'groq/compound', 'groq/compound-mini'),
  ...models({ structuredOutput: false }, 'llama-3.3-70b-versatile', 'llama-3.1-8b-instant', 'qwen/qwen3-32b'),
  ...models({ supported: ['transcription'], transcript: 'verbose_json' }, 'whisper-large-v3', 'whisper-large-v3-turbo'),
  ...models({ supported: ['speech'] }, 'canopylabs/orpheus-v1-english', 'canopylabs/orpheus-arabic-saudi'),
] as const

/** Groq. @see https://console.groq.com/docs/openai */
export const groq = openaiCompatible({
  provider: 'GROQ' as const,
  models: groqModels,
  quirks: { thinkTags: true, noParts: ['file'] },
  media: { speech: { format: 'wav' } },
})

/** Tells an admin where to get a key. */
export const groqInstructions = `Get a Groq API key:

1. Open https://console.groq.com/keys.
2. Choose **Create API Key**, copy the key and paste it here.
`
