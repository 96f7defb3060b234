import type { ImageGenerateParamsNonStreaming } from 'openai/resources/images'
import type { AIImage } from '../contract.ts'
import type { AIGeneratedImage, AIImageReply } from '../contract-media.ts'
import { invalidReply, objectOf, usageOf } from './openai-reply.ts'
import { listAt, textAt, type WireObject } from './wire.ts'

/** Sends the body through the vendor's SDK and gives its reply; anything but a 2xx throws. */
export type CreateImages = (
  body: ImageGenerateParamsNonStreaming,
  options: { signal?: AbortSignal | undefined },
) => Promise<unknown>

/**
 * The images of a vendor that speaks OpenAI's.
 *
 * @see https://platform.openai.com/docs/api-reference/images/create
 */
export function openaiImages(create: CreateImages): AIImage {
  return {
    generate: async ({ model, prompt, n, size, advancedOptions, signal }) => {
      const body = { model, prompt, ...(n !== undefined && { n }), ...(size !== undefined && { size }) }
      return parse(objectOf(await create({ ...body, ...advancedOptions, stream: false }, { signal })))
    },
  }
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
