import type { AIEmbedding } from '../../contract/registry.ts'
import { isObject, type JsonObject, listAt, numberAt, objectAt } from '../shared/json.ts'
import { invalidResponse } from '../shared/reply.ts'
import { geminiPath, geminiResource } from './path.ts'

/** Sends a body below the vendor's base URL and gives the reply's object; anything but a 2xx throws. */
export type SendToGemini = (path: string, body: JsonObject, signal: AbortSignal | undefined) => Promise<JsonObject>

/**
 * The embeddings of a vendor that speaks Gemini's. `advancedOptions` go to each text, e.g. `taskType`.
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

/** They come in the order of the requests and have no number of their own. */
function parseEmbedding({ values }: JsonObject): number[] {
  if (Array.isArray(values) && values.every((value) => Number.isFinite(value))) return values
  throw invalidResponse('The reply has an embedding that is no list of numbers.')
}

/** Only newer models tell it. */
function usageOf(reply: JsonObject) {
  if (!isObject(reply['usageMetadata'])) return undefined
  const raw = objectAt(reply, 'usageMetadata')
  const promptTokens = numberAt(raw, 'promptTokenCount')
  return { promptTokens, completionTokens: undefined, totalTokens: promptTokens, raw }
}
