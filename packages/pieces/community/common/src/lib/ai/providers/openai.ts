import { models } from '../contract/model.ts'
import { openaiCompatible } from '../protocols/openai-compatible/factory.ts'

/**
 * Reasoning models do not support temperature and stop sequences, and take system text as `developer`.
 *
 * @see https://platform.openai.com/docs/guides/reasoning
 */
const reasoning = { refuses: ['creativity', 'stop'], systemRole: 'developer', maxOutputTokens: 128_000 } as const
const FROM_NONE = ['none', 'low', 'medium', 'high', 'xhigh'] as const
const FROM_NONE_TO_MAX = [...FROM_NONE, 'max'] as const
const FROM_MEDIUM = ['medium', 'high', 'xhigh'] as const
const FROM_LOW_TO_MAX = ['low', 'medium', 'high', 'xhigh', 'max'] as const

const viaResponses = { ...reasoning, protocol: 'responses' } as const

/** @see https://platform.openai.com/docs/api-reference/images/create */
const IMAGE_OPTIONS = [
  { name: 'quality', label: 'Quality', values: ['low', 'medium', 'high', 'auto'] },
  { name: 'background', label: 'Background', values: ['transparent', 'opaque', 'auto'] },
  { name: 'output_format', label: 'File type', values: ['png', 'jpeg', 'webp'] },
] as const

/**
 * Models of the SDK's types, without deprecated ones and dated snapshots. A type test compares the two. If the efforts of a
 * model are unknown, none is sent.
 *
 * @see https://platform.openai.com/docs/models
 */
export const openaiModels = [
  ...models({ ...reasoning, reasoningEfforts: FROM_LOW_TO_MAX }, 'gpt-6.1-sol', 'gpt-6-astra'),
  ...models(
    { ...reasoning, reasoningEfforts: FROM_NONE_TO_MAX },
    'gpt-6.1-terra',
    'gpt-6-sol',
    'gpt-6-luna',
    'gpt-5.6-sol',
    'gpt-5.6-terra',
    'gpt-5.6-luna',
  ),
  ...models({ ...reasoning, reasoningEfforts: FROM_NONE }, 'gpt-5.5', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-5.2'),
  ...models({ ...viaResponses, reasoningEfforts: FROM_MEDIUM }, 'gpt-5.5-pro', 'gpt-5.2-pro'),
  ...models(
    viaResponses,
    'gpt-6-cyber',
    'gpt-5.6-cyber',
    'gpt-daybreak-blue-latest',
    'gpt-daybreak-red-latest',
    'gpt-6-rosalind',
    'gpt-rosalind-research',
  ),
  ...models(
    { supported: ['image'], options: IMAGE_OPTIONS },
    'gpt-image-2.6-sunburst',
    'gpt-image-2.6-flare',
    'gpt-image-2.5-sunburst',
    'gpt-image-2.5-flare',
    'gpt-image-2',
    'gpt-image-1.5',
    'gpt-image-1-mini',
    'chatgpt-image-latest',
  ),
  ...models({ supported: ['embedding'] }, 'text-embedding-3-small', 'text-embedding-3-large', 'text-embedding-ada-002'),
  ...models({ supported: ['moderation'] }, 'omni-moderation-latest'),
  ...models({ supported: ['speech'] }, 'gpt-4o-mini-tts', 'tts-1', 'tts-1-hd'),
  ...models({ supported: ['transcription'] }, 'gpt-transcribe', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'),
  ...models({ supported: ['transcription'], transcript: 'diarized_json' }, 'gpt-4o-transcribe-diarize'),
  ...models({ supported: ['transcription'], transcript: 'verbose_json' }, 'whisper-1'),
] as const

/**
 * OpenAI: chat completions, and Responses for models that only Responses serves.
 *
 * @see https://platform.openai.com/docs/api-reference/chat and https://platform.openai.com/docs/api-reference/responses
 */
export const openai = openaiCompatible({
  provider: 'OPENAI' as const,
  models: openaiModels,
  media: { embedding: { base64: true } },
  searchesByResponses: true,
})

/** Tells an admin where to get a key. */
export const openaiInstructions = `Get an OpenAI API key:

1. Open https://platform.openai.com/api-keys.
2. Choose **Create new secret key**, copy the key and paste it here.

Add credit to the account first: without credit, every call fails with error 429.
`
