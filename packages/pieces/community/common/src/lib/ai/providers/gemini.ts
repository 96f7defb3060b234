import { models } from '../contract/model.ts'
import type { AI, AIFactoryParams } from '../contract/registry.ts'
import { geminiContent } from '../protocols/gemini/chat.ts'
import { geminiEmbeddings, type SendToGemini } from '../protocols/gemini/embeddings.ts'
import { geminiImages } from '../protocols/gemini/images.ts'
import { geminiModelList } from '../protocols/gemini/models.ts'
import { parseObject } from '../protocols/shared/reply.ts'

/**
 * Google Gemini. There is no `sdk()`: `@google/genai` does not return the raw response, reads keys from the environment, has
 * no option for `fetch`, and pulls in libraries for Google sign-in, protobuf and web sockets.
 *
 * @see https://ai.google.dev/api/generate-content
 */
export const gemini = ({ serverUrl, engineToken }: AIFactoryParams): AI => {
  const post = async (path: string, body: unknown, signal: AbortSignal | undefined) => {
    const { postJson } = await import('../protocols/shared/post-json.ts')
    return await postJson(`${serverUrl}${path}`, body, { engineToken, signal })
  }
  const send: SendToGemini = async (path, body, signal) => parseObject(await (await post(path, body, signal)).text())
  return {
    provider: 'GEMINI' as const,
    chat: geminiContent({ models: geminiModels, send: (body, { signal }, path) => post(path, body, signal) }),
    image: geminiImages(send),
    embedding: geminiEmbeddings(send),
    models: geminiModelList(async (query, { signal }) => {
      const { getJson } = await import('../protocols/shared/post-json.ts')
      const url = `${serverUrl}/v1beta/models?${new URLSearchParams(query)}`
      return await (await getJson(url, { engineToken, signal })).text()
    }),
  }
}

const LIMIT = 65_536

/** Headers of resumable uploads. @see https://ai.google.dev/gemini-api/docs/files */
export const geminiUploadHeaders = [
  'x-goog-upload-protocol',
  'x-goog-upload-command',
  'x-goog-upload-offset',
  'x-goog-upload-file-name',
  'x-goog-upload-header-content-length',
  'x-goog-upload-header-content-type',
] as const

/** @see https://ai.google.dev/gemini-api/docs/models and https://ai.google.dev/gemini-api/docs/thinking */
export const geminiModels = [
  ...models(
    { maxOutputTokens: LIMIT, reasoningEfforts: ['minimal', 'low', 'medium', 'high'] },
    'gemini-3.8-flash',
    'gemini-3.7-flash',
    'gemini-3.6-flash',
    'gemini-3.5-flash',
    'gemini-3.5-flash-lite',
  ),
  ...models({ maxOutputTokens: LIMIT, reasoningEfforts: ['low', 'medium', 'high'] }, 'gemini-3.1-pro-preview'),
  ...models(
    { maxOutputTokens: LIMIT, reasoningEfforts: ['minimal', 'low', 'medium', 'high'] },
    'gemini-3.1-flash-lite',
    'gemini-3-flash-preview',
  ),
  ...models({ maxOutputTokens: LIMIT, reasoningEfforts: ['low', 'high'] }, 'gemini-3-pro-preview'),
  // Reasoning cannot be turned off, unlike in the other two 2.5 models.
  ...models(
    { maxOutputTokens: LIMIT, thinking: 'budget', reasoningEfforts: ['minimal', 'low', 'medium', 'high', 'max'] },
    'gemini-2.5-pro',
  ),
  ...models(
    {
      maxOutputTokens: LIMIT,
      thinking: 'budget',
      reasoningEfforts: ['none', 'minimal', 'low', 'medium', 'high', 'max'],
    },
    'gemini-2.5-flash',
    'gemini-2.5-flash-lite',
  ),
  ...models({ supported: ['image'] }, 'gemini-3.1-flash-image', 'gemini-3-pro-image', 'gemini-2.5-flash-image'),
  ...models({ supported: ['embedding'] }, 'gemini-embedding-2', 'gemini-embedding-001'),
] as const

/** Tells an admin where to get a key. */
export const geminiInstructions = `Get a Gemini API key:

1. Open https://aistudio.google.com/apikey.
2. Choose **Create API key**, copy the key and paste it here.
`
