import type { ImageEditParamsNonStreaming, ImageGenerateParamsNonStreaming } from 'openai/resources/images'
import type { AIImage } from '../contract.ts'
import type { AIGeneratedImage, AIImageGenerateParams, AIImageReply } from '../contract-media.ts'
import { resolveUpload } from '../files.ts'
import { invalidReply, objectOf, usageOf } from './openai-reply.ts'
import { listAt, textAt, type WireObject } from './wire.ts'

/** Each sends the body through the vendor's SDK and gives its reply; anything but a 2xx throws. */
export type CreateImages = {
  readonly generate: (body: ImageGenerateParamsNonStreaming, options: Options) => Promise<unknown>
  readonly edit: (body: ImageEditParamsNonStreaming, options: Options) => Promise<unknown>
}

type Options = { signal?: AbortSignal | undefined }

/**
 * The images of a vendor that speaks OpenAI's.
 *
 * @see https://platform.openai.com/docs/api-reference/images/create and …/images/createEdit
 */
export function openaiImages({ generate, edit }: CreateImages): AIImage {
  return {
    generate: async (params) => {
      const body = { ...fieldsOf(params), ...params.advancedOptions, stream: false as const }
      return parse(objectOf(await generate(body, { signal: params.signal })))
    },
    edit: async ({ images, mask, ...params }) => {
      const body = {
        ...fieldsOf(params),
        image: images.map((image, index) => resolveUpload(image, 'image', `images[${index}]`)),
        ...(mask && { mask: resolveUpload(mask, 'image', 'mask') }),
        ...params.advancedOptions,
      }
      return parse(objectOf(await edit(body, { signal: params.signal })))
    },
  }
}

function fieldsOf({ model, prompt, n, size }: AIImageGenerateParams) {
  return { model, prompt, ...(n !== undefined && { n }), ...(size !== undefined && { size }) }
}

function parse(reply: WireObject): AIImageReply {
  const images = listAt(reply, 'data').flatMap((image) => parseImage(image, textAt(reply, 'output_format')))
  if (images.length === 0) throw invalidReply('The reply has no image.')
  return { images, usage: usageOf(reply) }
}

/** The bytes tell the type; the reply's word counts where they don't. */
function parseImage(image: WireObject, format = 'png'): AIGeneratedImage[] {
  const base64 = textAt(image, 'b64_json')
  if (base64 === undefined) return []
  const known = Object.entries(BEGINNINGS).find(([beginning]) => base64.startsWith(beginning))?.[1]
  return [{ base64, mediaType: known ?? (format === 'svg' ? 'image/svg+xml' : `image/${format}`) }]
}

/** How files of a type begin, in base64. */
const BEGINNINGS: Record<string, string> = {
  iVBORw0KGgo: 'image/png',
  '/9j/': 'image/jpeg',
  R0lGOD: 'image/gif',
  UklGR: 'image/webp',
}
