import { type JsonObject, listAt, objectAt, type Responder } from '../targets/fake-vendor.ts'
import { json } from '../targets/responses.ts'
import type { RequestType } from './protocol.ts'

/** A generated image, and its URL for protocols that return URLs. */
export type ImageFixture = { readonly base64: string; readonly url: string }

/** Wire format of an image generation API. */
export type ImageProtocol = {
  /** Path of a request. */
  readonly path: RegExp
  readonly request: RequestType
  readonly promptOf: (body: JsonObject) => unknown
  /** Number of images that a request asks for. */
  readonly countOf: (body: JsonObject) => number
  readonly reply: (images: readonly ImageFixture[]) => JsonObject
}

/** Known protocols for image generation. */
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

/** Media type that the vendors declare, which differs from the type of the bytes. */
const WRONG_TYPE = 'image/webp'

/** Returns the protocol of a request for images; undefined for file downloads and unknown requests. */
export function imageProtocolOf({ path }: { readonly path: string }): ImageProtocol | undefined {
  return IMAGE_PROTOCOLS.find((protocol) => protocol.path.test(path.split('?', 1)[0] ?? ''))
}

/** Creates a responder that returns these base64 images, as many as each request asks for, and serves them by URL. */
export function encodeImages(images: readonly string[]): Responder {
  let sent = 0
  return (response, request) => {
    const file = images[Number(/\/files\/(\d+)$/.exec(request.path)?.[1] ?? Number.NaN)]
    if (file !== undefined) {
      return void response.writeHead(200, { 'content-type': WRONG_TYPE }).end(Buffer.from(file, 'base64'))
    }
    const protocol = imageProtocolOf(request)
    if (!protocol) {
      const message = `${request.path} matches no known protocol for images; add it to src/protocols/images.ts`
      return json({ error: { message } }, 404)(response, request)
    }
    const fixtures = images.map((base64, index) => ({ base64, url: `http://${request.headers.host}/files/${index}` }))
    const first = sent
    sent += protocol.countOf(request.body)
    return json(protocol.reply(fixtures.slice(first, sent)))(response, request)
  }
}
