import { type JsonObject, listAt, objectAt, type Responder } from '../targets/fake-vendor.ts'
import { json } from '../targets/responses.ts'
import type { RequestType } from './protocol.ts'

/** Wire format of an embeddings API. */
export type EmbeddingProtocol = {
  /** Path of a request. */
  readonly path: RegExp
  readonly request: RequestType
  readonly inputsOf: (body: JsonObject) => readonly unknown[]
  /** @param embeddings in the order of the request's inputs */
  readonly reply: (embeddings: readonly number[][], body: JsonObject) => JsonObject
}

/** Known protocols for embeddings. */
const EMBEDDING_PROTOCOLS: readonly EmbeddingProtocol[] = [
  {
    path: /\/embeddings$/,
    request: {
      module: 'openai/resources/embeddings',
      type: 'EmbeddingCreateParams',
      extraFields: [{ field: 'output_dimension', reason: "Mistral's name for dimensions" }],
    },
    inputsOf: ({ input }) => [input].flat(),
    reply: (embeddings, body) => {
      const encoded = (numbers: number[]) => (body['encoding_format'] === 'base64' ? base64(numbers) : numbers)
      const data = embeddings.map((numbers, index) => ({ object: 'embedding', index, embedding: encoded(numbers) }))
      // Reversed, so that clients have to use `index`.
      return {
        object: 'list',
        data: data.reverse(),
        model: body['model'],
        usage: { prompt_tokens: 3, total_tokens: 3 },
      }
    },
  },
  {
    path: /\/v1beta\/models\/[^/]+:batchEmbedContents$/,
    request: { module: './protocols/gemini-request.ts', type: 'BatchEmbedContentsRequest', extraFields: [] },
    inputsOf: (body) => listAt(body, 'requests').map((one) => listAt(objectAt(one, 'content'), 'parts')[0]?.['text']),
    reply: (embeddings) => ({ embeddings: embeddings.map((values) => ({ values })) }),
  },
  {
    path: /\/v2\/embed$/,
    request: { module: './protocols/cohere-chat-request.ts', type: 'EmbedRequest', extraFields: [] },
    inputsOf: ({ texts }) => [texts].flat(),
    reply: (embeddings) => ({
      id: 'embed-1',
      embeddings: { float: embeddings },
      meta: { api_version: { version: '2' }, billed_units: { input_tokens: 3 } },
      response_type: 'embeddings_by_type',
    }),
  },
]

/** Returns the protocol of a request for embeddings; undefined if it is unknown. */
export function embeddingProtocolOf({ path }: { readonly path: string }): EmbeddingProtocol | undefined {
  return EMBEDDING_PROTOCOLS.find((protocol) => protocol.path.test(path.split('?', 1)[0] ?? ''))
}

/** Creates a responder that returns an embedding for each input of a request. */
export function encodeEmbeddings(embed: (input: unknown) => number[]): Responder {
  return (response, request) => {
    const protocol = embeddingProtocolOf(request)
    if (protocol)
      return json(protocol.reply(protocol.inputsOf(request.body).map(embed), request.body))(response, request)
    const message = `${request.path} matches no known protocol for embeddings; add it to src/protocols/embeddings.ts`
    return json({ error: { message } }, 404)(response, request)
  }
}

function base64(numbers: readonly number[]): string {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [index, number] of numbers.entries()) bytes.writeFloatLE(number, index * 4)
  return bytes.toString('base64')
}
