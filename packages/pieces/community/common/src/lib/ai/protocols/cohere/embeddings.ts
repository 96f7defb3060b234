import type { AIEmbedding } from '../../contract/registry.ts'
import { type JsonObject, numberAt, objectAt } from '../shared/json.ts'
import { invalidResponse } from '../shared/reply.ts'

/** Sends the body to `/v2/embed` below the vendor's base URL and returns the JSON object. Throws unless the status is 2xx. */
export type CreateCohereEmbeddings = (body: JsonObject, signal: AbortSignal | undefined) => Promise<JsonObject>

/**
 * Embeddings over Cohere's API. Callers set their purpose with `advancedOptions: { input_type: 'search_query' }`; the default
 * is `search_document`.
 *
 * @see https://docs.cohere.com/reference/embed
 */
export function cohereEmbeddings(create: CreateCohereEmbeddings): AIEmbedding {
  return {
    maxInputs: 96,
    create: async ({ model, input, dimensions, advancedOptions, signal }) => {
      const body = {
        model,
        texts: input,
        input_type: 'search_document',
        embedding_types: ['float'],
        ...(dimensions !== undefined && { output_dimension: dimensions }),
        ...advancedOptions,
      }
      const reply = await create(body, signal)
      return { embeddings: parse(reply), usage: usageOf(reply) }
    },
  }
}

/** Reads embeddings by type: floats, or the type that `advancedOptions` asked for. Older responses only have the list. */
function parse(reply: JsonObject): number[][] {
  const { embeddings } = reply
  const byType = objectAt(reply, 'embeddings')
  const lists = Array.isArray(embeddings) ? embeddings : (byType['float'] ?? Object.values(byType).find(Array.isArray))
  if (!Array.isArray(lists)) throw invalidResponse('The response has no list of embeddings.')
  return lists.map((numbers: unknown) => {
    if (Array.isArray(numbers) && numbers.every((number) => Number.isFinite(number))) return numbers
    if (typeof numbers === 'string') return decode(Buffer.from(numbers, 'base64'))
    throw invalidResponse('The response has an embedding that is neither a list of numbers nor base64.')
  })
}

/** Decodes 32-bit little-endian floats. */
function decode(bytes: Buffer): number[] {
  if (bytes.length % 4 !== 0) throw invalidResponse('The response has an embedding with truncated base64.')
  return Array.from({ length: bytes.length / 4 }, (_empty, index) => bytes.readFloatLE(index * 4))
}

function usageOf(reply: JsonObject) {
  const meta = objectAt(reply, 'meta')
  const raw = objectAt(meta, 'billed_units')
  const promptTokens = numberAt(raw, 'input_tokens')
  return promptTokens === undefined
    ? undefined
    : { promptTokens, completionTokens: undefined, totalTokens: promptTokens, raw }
}
