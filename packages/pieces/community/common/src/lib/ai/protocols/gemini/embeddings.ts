import type { AIEmbedding } from '../../contract/registry.ts'
import { isObject, type JsonObject, listAt, numberAt, objectAt } from '../shared/json.ts'
import { invalidResponse } from '../shared/reply.ts'
import { geminiPath, geminiResource } from './path.ts'

/** Sends a body to a path below the vendor's base URL and returns the JSON object. Throws unless the status is 2xx. */
export type SendToGemini = (path: string, body: JsonObject, signal: AbortSignal | undefined) => Promise<JsonObject>

/**
 * Embeddings over Gemini's API. `advancedOptions` apply to each text, e.g. `taskType`.
 *
 * @see https://ai.google.dev/api/embeddings#method:-models.batchembedcontents
 */
export function geminiEmbeddings(send: SendToGemini): AIEmbedding {
  return {
    maxInputs: 100,
    create: async ({ model, input, dimensions, advancedOptions, signal }) => {
      const requests = input.map((text) => ({
        model: geminiResource(model),
        content: { parts: [{ text }] },
        ...(dimensions !== undefined && { outputDimensionality: dimensions }),
        ...advancedOptions,
      }))
      const reply = await send(geminiPath(model, 'batchEmbedContents'), { requests }, signal)
      return { embeddings: listAt(reply, 'embeddings').map(parseEmbedding), usage: usageOf(reply) }
    },
  }
}

/** Parses an embedding. They have no index and are in the order of the requests. */
function parseEmbedding({ values }: JsonObject): number[] {
  if (Array.isArray(values) && values.every((value) => Number.isFinite(value))) return values
  throw invalidResponse('The response has an embedding that is not a list of numbers.')
}

/** Only newer models report usage. */
function usageOf(reply: JsonObject) {
  if (!isObject(reply['usageMetadata'])) return undefined
  const raw = objectAt(reply, 'usageMetadata')
  const promptTokens = numberAt(raw, 'promptTokenCount')
  return { promptTokens, completionTokens: undefined, totalTokens: promptTokens, raw }
}
