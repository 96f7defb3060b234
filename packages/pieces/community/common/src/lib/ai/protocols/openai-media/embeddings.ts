import type { EmbeddingCreateParams } from 'openai/resources/embeddings'
import type { AIEmbeddingResponse } from '../../contract/media.ts'
import type { AIEmbedding } from '../../contract/registry.ts'
import { type JsonObject, listAt, numberAt, textAt } from '../shared/json.ts'
import { invalidResponse, parseObject, usageOf } from '../shared/reply.ts'

/** Where a vendor's embeddings are not as most vendors' are. */
export type EmbeddingsQuirks = {
  /** Below the vendor's `path`; `/embeddings` when absent. */
  readonly path?: string
  /** The vendor takes `encoding_format: 'base64'`, for a reply a quarter as long. */
  readonly base64?: true
  /** Base64 replies hold whole numbers from -128 to 127, one a byte; absent: 32-bit floats, little endian. */
  readonly int8?: true
  /** Its name for `dimensions`. */
  readonly dimensionsField?: string
  /** The most inputs of one request; 2,048 when absent. */
  readonly maxInputs?: number
}

/** Sends the body through the vendor's SDK and gives its reply; anything but a 2xx throws. */
export type CreateEmbeddings = (
  body: EmbeddingCreateParams,
  options: { signal?: AbortSignal | undefined },
) => Promise<unknown>

/**
 * The embeddings of a vendor that speaks OpenAI's.
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

/** By their `index`; an item without one stands where it stands. */
function inOrder(items: readonly JsonObject[]): JsonObject[] {
  const ordered: JsonObject[] = []
  for (const [position, item] of items.entries()) {
    const index = numberAt(item, 'index') ?? position
    const fits = Number.isInteger(index) && index >= 0 && index < items.length && ordered[index] === undefined
    if (!fits)
      throw invalidResponse(`The reply has embedding ${index} twice, or none for one of ${items.length} inputs.`)
    ordered[index] = item
  }
  return ordered
}

function parseEmbedding(embedding: unknown, int8: boolean): number[] {
  if (typeof embedding === 'string') return decode(Buffer.from(embedding, 'base64'), int8)
  if (Array.isArray(embedding) && embedding.every((value) => Number.isFinite(value))) return embedding
  throw invalidResponse('The reply has an embedding that is neither a list of numbers nor base64.')
}

function decode(bytes: Buffer, int8: boolean): number[] {
  if (int8) return Array.from(bytes, (_byte, at) => bytes.readInt8(at))
  if (bytes.length % 4 !== 0) throw invalidResponse('The reply has an embedding whose base64 is cut off.')
  return Array.from({ length: bytes.length / 4 }, (_empty, index) => bytes.readFloatLE(index * 4))
}
