import type { EmbeddingCreateParams } from 'openai/resources/embeddings'
import type { AIEmbeddingResponse } from '../../contract/media.ts'
import type { AIEmbedding } from '../../contract/registry.ts'
import { type JsonObject, listAt, numberAt, textAt } from '../shared/json.ts'
import { invalidResponse, parseObject, usageOf } from '../shared/reply.ts'

/** How a vendor's embeddings differ from most vendors'. */
export type EmbeddingsQuirks = {
  /** Path below the vendor's `path`. Defaults to `/embeddings`. */
  readonly path?: string
  /** The vendor supports `encoding_format: 'base64'`, which makes responses four times smaller. */
  readonly base64?: true
  /** Base64 contains signed bytes instead of 32-bit little-endian floats. */
  readonly int8?: true
  /** Field for `dimensions`. */
  readonly dimensionsField?: string
  /** Maximum number of inputs of one request. Defaults to 2,048. */
  readonly maxInputs?: number
}

/** Sends the body through the vendor's SDK and returns the response. Throws unless the status is 2xx. */
export type CreateEmbeddings = (
  body: EmbeddingCreateParams,
  options: { signal?: AbortSignal | undefined },
) => Promise<unknown>

/**
 * Embeddings over OpenAI's API.
 *
 * @see https://platform.openai.com/docs/api-reference/embeddings/create
 */
export function openaiEmbeddings(create: CreateEmbeddings, quirks: EmbeddingsQuirks): AIEmbedding {
  const { base64, int8 = false, dimensionsField = 'dimensions', maxInputs = 2048 } = quirks
  return {
    maxInputs,
    create: async ({ model, input, dimensions, advancedOptions, signal }) => {
      const body = {
        model,
        input: [...input],
        ...(dimensions !== undefined && { [dimensionsField]: dimensions }),
        ...(base64 && { encoding_format: 'base64' as const }),
      }
      return parse(parseObject(await create({ ...body, ...advancedOptions }, { signal })), int8)
    },
  }
}

function parse(reply: JsonObject, int8: boolean): AIEmbeddingResponse {
  return {
    embeddings: inOrder(listAt(reply, 'data')).map((item) => parseEmbedding(item['embedding'], int8)),
    model: textAt(reply, 'model'),
    usage: usageOf(reply),
  }
}

/** Sorts embeddings by `index`; items without one keep their position. */
function inOrder(items: readonly JsonObject[]): JsonObject[] {
  const ordered: JsonObject[] = []
  for (const [position, item] of items.entries()) {
    const index = numberAt(item, 'index') ?? position
    const fits = Number.isInteger(index) && index >= 0 && index < items.length && ordered[index] === undefined
    if (!fits)
      throw invalidResponse(`The response has embedding ${index} twice, or none for one of ${items.length} inputs.`)
    ordered[index] = item
  }
  return ordered
}

function parseEmbedding(embedding: unknown, int8: boolean): number[] {
  if (typeof embedding === 'string') return decode(Buffer.from(embedding, 'base64'), int8)
  if (Array.isArray(embedding) && embedding.every((value) => Number.isFinite(value))) return embedding
  throw invalidResponse('The response has an embedding that is neither a list of numbers nor base64.')
}

function decode(bytes: Buffer, int8: boolean): number[] {
  if (int8) return Array.from(bytes, (_byte, at) => bytes.readInt8(at))
  if (bytes.length % 4 !== 0) throw invalidResponse('The response has an embedding with truncated base64.')
  return Array.from({ length: bytes.length / 4 }, (_empty, index) => bytes.readFloatLE(index * 4))
}
