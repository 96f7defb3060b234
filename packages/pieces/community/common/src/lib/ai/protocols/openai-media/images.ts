import type { ImageEditParamsNonStreaming, ImageGenerateParamsNonStreaming } from 'openai/resources/images'
import type { AIGeneratedImage, AIImageGenerateParams, AIImageResponse } from '../../contract/media.ts'
import type { AIImage } from '../../contract/registry.ts'
import { AIError } from '../../errors/ai-error.ts'
import { resolveUpload } from '../shared/files.ts'
import {
  aspectRatioOf,
  aspectRatioWarnings,
  downloadImage,
  imageOfBytes,
  widthAndHeight,
} from '../shared/image-bytes.ts'
import { type JsonObject, listAt, textAt } from '../shared/json.ts'
import { invalidResponse, parseObject, usageOf } from '../shared/reply.ts'

/** Each sends the body through the vendor's SDK and returns the response. Throws unless the status is 2xx. */
export type CreateImages = {
  readonly generate: (body: ImageGenerateParamsNonStreaming, options: Options) => Promise<unknown>
  readonly edit: (body: ImageEditParamsNonStreaming, options: Options) => Promise<unknown>
}

type Options = { signal?: AbortSignal | undefined }

/** How a vendor's images differ from OpenAI's. */
export type ImagesQuirks = {
  /** Returns URLs unless the request asks for base64. */
  readonly returnsUrls?: true
  /** Takes `aspect_ratio` instead of `size`. */
  readonly aspectRatio?: true
  /** Takes `width` and `height` instead of `size`. */
  readonly widthHeight?: true
  /** Has no `stream` parameter. */
  readonly noStream?: true
  /** Does not edit images over this API. */
  readonly noEdit?: true
}

/**
 * Images over OpenAI's API.
 *
 * @see https://platform.openai.com/docs/api-reference/images/create and …/images/createEdit
 */
export function openaiImages({ generate, edit }: CreateImages, quirks: ImagesQuirks): AIImage {
  const change: AIImage['edit'] = async ({ images, mask, ...params }) => {
    refuseStream(params)
    const body = {
      ...fieldsOf(params, quirks),
      image: images.map((image, index) => resolveUpload(image, 'image', `images[${index}]`)),
      ...(mask && { mask: resolveUpload(mask, 'image', 'mask') }),
      ...params.advancedOptions,
    }
    const reply = await parse(parseObject(await edit(body, { signal: params.signal })), params.signal)
    return { ...reply, ...(quirks.aspectRatio && aspectRatioWarnings(params.size)) }
  }
  return {
    generate: async (params) => {
      refuseStream(params)
      const notStreamed = { ...(!quirks.noStream && { stream: false as const }) }
      const body = { ...fieldsOf(params, quirks), ...params.advancedOptions, ...notStreamed }
      const reply = await parse(parseObject(await generate(body, { signal: params.signal })), params.signal)
      return { ...reply, ...(quirks.aspectRatio && aspectRatioWarnings(params.size)) }
    },
    ...(!quirks.noEdit && { edit: change }),
  }
}

function refuseStream({ advancedOptions }: AIImageGenerateParams): void {
  if (!advancedOptions?.['stream']) return
  const message = 'advancedOptions.stream: images are not streamed.'
  throw new AIError({ code: 'unsupported', message, parameter: 'advancedOptions.stream' })
}

function fieldsOf(
  { model, prompt, n, size }: AIImageGenerateParams,
  { returnsUrls, aspectRatio, widthHeight }: ImagesQuirks,
) {
  return {
    model,
    prompt,
    ...(n !== undefined && { n }),
    ...(size !== undefined &&
      (aspectRatio ? { aspect_ratio: aspectRatioOf(size) } : widthHeight ? widthAndHeight(size) : { size })),
    ...(returnsUrls && { response_format: 'b64_json' as const }),
  }
}

async function parse(reply: JsonObject, signal: AbortSignal | undefined): Promise<AIImageResponse> {
  const format = textAt(reply, 'output_format')
  const lists = await Promise.all(listAt(reply, 'data').map((image) => parseImage(image, format, signal)))
  const images = lists.flat()
  if (images.length === 0) throw invalidResponse('The response has no image.')
  return { images, usage: usageOf(reply) }
}

async function parseImage(
  image: JsonObject,
  format = 'png',
  signal: AbortSignal | undefined,
): Promise<AIGeneratedImage[]> {
  const base64 = textAt(image, 'b64_json')
  if (base64 !== undefined) return [imageOfBytes(base64, format === 'svg' ? 'image/svg+xml' : `image/${format}`)]
  const url = textAt(image, 'url')
  return url === undefined ? [] : [await downloadImage(url, signal)]
}
