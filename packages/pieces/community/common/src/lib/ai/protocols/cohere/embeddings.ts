import type { AIEmbedding } from '../../contract/registry.ts'
import { type JsonObject, numberAt, objectAt } from '../shared/json.ts'
import { invalidResponse } from '../shared/reply.ts'

/** Sends the body to `/v2/embed` below the vendor's base URL and gives the reply's object; anything but a 2xx throws. */
export type CreateCohereEmbeddings = (body: JsonObject, signal: AbortSignal | undefined) => Promise<JsonObject>

/**
 * The embeddings of Cohere. What they are for is the caller's to say: `advancedOptions: { input_type: 'search_query' }`;
 * without it they are those of documents that are searched.
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

/** By type, in the order of the texts: floats, or the type that `advancedOptions` asked for. Older replies have the list alone. */
function parse(reply: JsonObject): number[][] {
  const { embeddings } = reply
  const byType = objectAt(reply, 'embeddings')
  const lists = Array.isArray(embeddings) ? embeddings : (byType['float'] ?? Object.values(byType).find(Array.isArray))
  if (!Array.isArray(lists)) throw invalidResponse('The reply has no list of embeddings.')
  return lists.map((numbers: unknown) => {
    if (Array.isArray(numbers) && numbers.every((number) => Number.isFinite(number))) return numbers
    if (typeof numbers === 'string') return decode(Buffer.from(numbers, 'base64'))
    throw invalidResponse('The reply has an embedding that is neither a list of numbers nor base64.')
  })
}

/** 32-bit floats, little endian. */
function decode(bytes: Buffer): number[] {
  if (bytes.length % 4 !== 0) throw invalidResponse('The reply has an embedding whose base64 is cut off.')
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
