import { type JsonObject, listAt, objectAt, type Responder } from '../targets/fake-vendor.ts'
import { json } from '../targets/responses.ts'
import type { RequestType } from './protocol.ts'

/** An image that the vendor makes, and where it lies for those that give an address. */
export type ImageFixture = { readonly base64: string; readonly url: string }

/** How images are asked for and sent by a vendor's API. */
export type ImageProtocol = {
  /** The path of a request. */
  readonly path: RegExp
  readonly request: RequestType
  readonly promptOf: (body: JsonObject) => unknown
  /** How many images a request asks for. */
  readonly countOf: (body: JsonObject) => number
  readonly reply: (images: readonly ImageFixture[]) => JsonObject
}

/** The ways that are known here. */
const IMAGE_PROTOCOLS: readonly ImageProtocol[] = [
  {
    path: /\/images\/generations$/,
    request: { module: 'openai/resources/images', type: 'ImageGenerateParamsNonStreaming', extraFields: [] },
    promptOf: ({ prompt }) => prompt,
    countOf: ({ n }) => Number(n ?? 1),
    reply: (images) => ({ data: images.map(({ base64 }) => ({ b64_json: base64 })) }),
  },
  {
    path: /\/v1beta\/models\/[^/]+:generateContent$/,
    request: { module: './protocols/gemini-request.ts', type: 'GenerateContentRequest', extraFields: [] },
    promptOf: (body) => listAt(listAt(body, 'contents')[0] ?? {}, 'parts')[0]?.['text'],
    countOf: () => 1,
    reply: (images) => {
      const parts = images.map(({ base64: data }) => ({ inlineData: { mimeType: WRONG_TYPE, data } }))
      return { candidates: [{ content: { role: 'model', parts }, finishReason: 'STOP' }] }
    },
  },
  {
    path: /\/v1\/models\/[^/]+\/[^/]+\/predictions$/,
    request: { module: './protocols/replicate-request.ts', type: 'PredictionRequest', extraFields: [] },
    promptOf: (body) => objectAt(body, 'input')['prompt'],
    countOf: () => 1,
    reply: (images) => ({ id: 'job-1', status: 'succeeded', output: images.map(({ url }) => url) }),
  },
]

/** What the vendors say of each image, though its bytes are of another type. */
const WRONG_TYPE = 'image/webp'

/** The protocol of a request for images; undefined where it asks for a file, or for something unknown. */
export function imageProtocolOf({ path }: { readonly path: string }): ImageProtocol | undefined {
  return IMAGE_PROTOCOLS.find((protocol) => protocol.path.test(path.split('?', 1)[0] ?? ''))
}

/** Gives these images by their bytes in base64, as many to each request as it asks for, and what lies at their addresses. */
export function encodeImages(images: readonly string[]): Responder {
  let sent = 0
  return (response, request) => {
    const file = images[Number(/\/files\/(\d+)$/.exec(request.path)?.[1] ?? Number.NaN)]
    if (file !== undefined) {
      return void response.writeHead(200, { 'content-type': WRONG_TYPE }).end(Buffer.from(file, 'base64'))
    }
    const protocol = imageProtocolOf(request)
    if (!protocol) {
      const message = `${request.path} is no known way to ask for images; a new one goes into src/protocols/images.ts`
      return json({ error: { message } }, 404)(response, request)
    }
    const fixtures = images.map((base64, index) => ({ base64, url: `http://${request.headers.host}/files/${index}` }))
    const first = sent
    sent += protocol.countOf(request.body)
    return json(protocol.reply(fixtures.slice(first, sent)))(response, request)
  }
}
