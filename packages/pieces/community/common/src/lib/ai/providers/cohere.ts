import type { AITranscribeParams } from '../contract/media.ts'
import type { AICapability } from '../contract/model.ts'
import { models } from '../contract/model.ts'
import type { AI, AIFactoryParams } from '../contract/registry.ts'
import { AIError } from '../errors/ai-error.ts'
import { cohereChat } from '../protocols/cohere/chat.ts'
import { cohereEmbeddings } from '../protocols/cohere/embeddings.ts'
import { resolveUpload } from '../protocols/shared/files.ts'
import { type JsonObject, textAt } from '../protocols/shared/json.ts'
import { invalidResponse, parseObject } from '../protocols/shared/reply.ts'
import { table } from '../protocols/shared/table.ts'
import { vendorModels } from '../protocols/shared/vendor-models.ts'

/**
 * Cohere. There is no `sdk()`: `cohere-ai` renames response fields, does not return the raw response, and pulls in the clients
 * of two clouds.
 *
 * @see https://docs.cohere.com/reference/chat
 */
export const cohere = ({ serverUrl, engineToken }: AIFactoryParams): AI => {
  const post = async (path: string, body: unknown, signal: AbortSignal | undefined) => {
    const { postJson } = await import('../protocols/shared/post-json.ts')
    return await postJson(`${serverUrl}${path}`, body, { engineToken, signal })
  }
  return {
    provider: 'COHERE' as const,
    chat: cohereChat({ models: cohereModels, send: (body, { signal }, path) => post(path, body, signal) }),
    embedding: cohereEmbeddings(async (body, signal) =>
      parseObject(await (await post('/v2/embed', body, signal)).text()),
    ),
    audio: { transcribe: (params) => transcribe({ serverUrl, engineToken }, params) },
    models: vendorModels({
      cursor: 'page_token',
      query: { page_size: '1000' },
      field: 'models',
      nextOf: (page) => textAt(page, 'next_page_token'),
      parse: parseModel,
      get: async (query, { signal }) => {
        const { getJson } = await import('../protocols/shared/post-json.ts')
        return await (
          await getJson(`${serverUrl}/v1/models?${new URLSearchParams(query)}`, { engineToken, signal })
        ).text()
      },
    }),
  }
}

/**
 * Transcribes a file. The file comes last, because the vendor ignores fields after it (reported by RubyLLM).
 *
 * @see https://docs.cohere.com/reference/create-audio-transcription
 */
async function transcribe({ serverUrl, engineToken }: AIFactoryParams, params: AITranscribeParams) {
  const { model, file, language, prompt, advancedOptions, signal } = params
  if (prompt !== undefined) {
    const message = 'prompt: this vendor does not support it for transcription.'
    throw new AIError({ code: 'unsupported', message, parameter: 'prompt' })
  }
  const fields = { model, ...(language !== undefined && { language }), ...advancedOptions }
  if (!('language' in fields)) {
    const message = 'language is missing: this vendor does not detect it; expected ISO 639-1, e.g. en.'
    throw new AIError({ code: 'invalid-request', message, parameter: 'language' })
  }
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, String(value))
  form.append('file', resolveUpload(file, 'audio', 'file'))
  const { postForm } = await import('../protocols/shared/post-json.ts')
  const response = await postForm(`${serverUrl}/v2/audio/transcriptions`, form, { engineToken, signal })
  const reply = parseObject(await response.text())
  if (typeof reply['text'] !== 'string') throw invalidResponse('The response has no text.')
  return { text: reply['text'] }
}

/** Parses a model, which lists its endpoints. Models without a known endpoint, e.g. for ranking, are dropped. */
function parseModel(model: JsonObject) {
  const id = textAt(model, 'name')
  const endpoints = Array.isArray(model['endpoints']) ? model['endpoints'] : []
  const supported = endpoints.flatMap((endpoint): AICapability[] => ENDPOINTS[String(endpoint)] ?? [])
  return id === undefined || supported.length === 0 ? [] : [{ id, supported }]
}

/** @see https://docs.cohere.com/reference/list-models (`endpoints`) */
const ENDPOINTS: Record<string, AICapability[]> = table({
  chat: ['text'],
  embed: ['embedding'],
  transcriptions: ['transcription'],
})

const thinking = { reasoningEfforts: ['none', 'low', 'medium', 'high'] } as const

/** @see https://docs.cohere.com/docs/models */
export const cohereModels = [
  ...models({ ...thinking, maxOutputTokens: 64_000 }, 'command-a-plus-05-2026', 'north-mini-code-1-0'),
  ...models({ ...thinking, maxOutputTokens: 32_000 }, 'command-a-reasoning-08-2025'),
  ...models({ maxOutputTokens: 8_000 }, 'command-a-03-2025', 'command-a-vision-07-2025', 'command-a-translate-08-2025'),
  ...models({ maxOutputTokens: 16_000 }, 'north-small-translate-1-0'),
  ...models({ maxOutputTokens: 4_000 }, 'command-r7b-12-2024'),
  // Models before Command R7B do not support `tool_choice`.
  ...models({ maxOutputTokens: 4_000, refuses: ['toolChoice'] }, 'command-r-plus-08-2024', 'command-r-08-2024'),
  ...models({ supported: ['transcription'] }, 'cohere-transcribe-03-2026', 'cohere-transcribe-arabic-07-2026'),
  ...models({ supported: ['embedding'] }, 'embed-v4.0', 'embed-multilingual-v3.0', 'embed-english-v3.0'),
  ...models({ supported: ['embedding'] }, 'embed-multilingual-light-v3.0', 'embed-english-light-v3.0'),
] as const

/** Tells an admin where to get a key. */
export const cohereInstructions = `Get a Cohere API key:

1. Open https://dashboard.cohere.com/api-keys.
2. Choose **New Production Key**, or use the existing trial key, and paste it here.
`
