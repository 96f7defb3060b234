import type { AIChatResponse, AIFile, AIFrameworkFile } from '../../contract/chat.ts'
import type { AIGeneratedImage, AIImageGenerateParams, AIImageResponse } from '../../contract/media.ts'
import type { AIImage } from '../../contract/registry.ts'
import { AIError } from '../../errors/ai-error.ts'
import { resolveUpload } from '../shared/files.ts'
import { aspectRatioOf, aspectRatioWarnings, imageOfBytes } from '../shared/image-bytes.ts'
import { isObject, type JsonObject, listAt, objectAt, textAt } from '../shared/json.ts'
import { invalidResponse } from '../shared/reply.ts'
import { sumUsage } from '../shared/usage.ts'
import type { SendToGemini } from './embeddings.ts'
import type { GeminiPart } from './messages.ts'
import { geminiPath } from './path.ts'
import { parse, parseUsage } from './reply.ts'

/**
 * Images over Gemini's API: `generateContent`, one image per request, and `predict` for Imagen models.
 *
 * @see https://ai.google.dev/gemini-api/docs/image-generation and https://ai.google.dev/gemini-api/docs/imagen
 */
export function geminiImages(send: SendToGemini): AIImage {
  return {
    generate: (params) => (isImagen(params.model) ? predict(send, params) : generate(send, params, [])),
    edit: async ({ images, mask, ...params }) => {
      if (mask) throw unsupported('mask', 'this vendor takes no mask: say in the prompt what is to be changed')
      if (isImagen(params.model)) throw unsupported('model', 'the Imagen models change no images')
      const parts = images.map((image, index) => renderImage(image, `images[${index}]`))
      return await generate(send, params, await Promise.all(parts))
    },
  }
}

function isImagen(model: string): boolean {
  return /^(models\/)?imagen-/.test(model)
}

function unsupported(parameter: string, why: string): AIError {
  return new AIError({ code: 'unsupported', message: `${parameter}: ${why}.`, parameter })
}

async function renderImage(image: AIFile | AIFrameworkFile, at: string): Promise<GeminiPart> {
  const file = resolveUpload(image, 'image', at)
  return { inlineData: { mimeType: file.type, data: Buffer.from(await file.arrayBuffer()).toString('base64') } }
}

// ---- generateContent

async function generate(
  send: SendToGemini,
  { model, prompt, n = 1, size, advancedOptions = {}, signal }: AIImageGenerateParams,
  images: readonly GeminiPart[],
): Promise<AIImageResponse> {
  const { generationConfig, ...options } = advancedOptions
  const body = {
    contents: [{ role: 'user', parts: [{ text: prompt }, ...images] }],
    generationConfig: {
      responseModalities: ['IMAGE'],
      ...(size !== undefined && { imageConfig: { aspectRatio: aspectRatioOf(size) } }),
      ...(isObject(generationConfig) && generationConfig),
    },
    ...options,
  }
  const path = geminiPath(model, 'generateContent')
  const replies = await Promise.all(
    Array.from({ length: n }, async () => parseResponse(await send(path, body, signal))),
  )
  const usages = replies.flatMap(({ usage }) => usage ?? [])
  return {
    images: replies.flatMap((reply) => reply.images),
    ...aspectRatioWarnings(size),
    usage: usages.length > 1 ? sumUsage(usages) : usages[0],
  }
}

/** Parses the image. Ignores drafts inside the reasoning. @throws AIError if there is no image */
function parseResponse(reply: JsonObject): AIImageResponse {
  const parts = listAt(objectAt(listAt(reply, 'candidates')[0] ?? {}, 'content'), 'parts')
  const images = parts.flatMap((part) => (part['thought'] === true ? [] : parseImage(objectAt(part, 'inlineData'))))
  if (images.length === 0) throw withoutImage(parse(reply))
  const usage = reply['usageMetadata']
  return { images, usage: isObject(usage) ? parseUsage(usage) : undefined }
}

function parseImage(inline: JsonObject): AIGeneratedImage[] {
  const base64 = textAt(inline, 'data')
  return base64 === undefined ? [] : [imageOfBytes(base64, textAt(inline, 'mimeType'))]
}

/** Explains why the response has no image: the filter, or the model's text. */
function withoutImage({ finishReason, rawFinishReason, choices }: AIChatResponse): AIError {
  const words = choices[0]?.refusal ?? (choices[0]?.content || rawFinishReason)
  const message = `The response has no image${words ? `: ${words}` : '.'}`
  const code = finishReason === 'content-filter' ? 'content-filter' : 'invalid-reply'
  return new AIError({ code, message, vendorMessage: words })
}

// ---- Imagen

async function predict(
  send: SendToGemini,
  { model, prompt, n, size, advancedOptions = {}, signal }: AIImageGenerateParams,
): Promise<AIImageResponse> {
  const { parameters, ...options } = advancedOptions
  const body = {
    instances: [{ prompt }],
    parameters: {
      ...(n !== undefined && { sampleCount: n }),
      ...(size !== undefined && { aspectRatio: aspectRatioOf(size) }),
      ...(isObject(parameters) && parameters),
    },
    ...options,
  }
  const reply = await send(geminiPath(model, 'predict'), body, signal)
  const predictions = listAt(reply, 'predictions')
  const images = predictions.flatMap((prediction) => {
    const base64 = textAt(prediction, 'bytesBase64Encoded')
    return base64 === undefined ? [] : [imageOfBytes(base64, textAt(prediction, 'mimeType'))]
  })
  if (images.length > 0) return { images, ...aspectRatioWarnings(size) }
  const filtered = predictions.flatMap((prediction) => textAt(prediction, 'raiFilteredReason') ?? [])[0]
  if (filtered === undefined) throw invalidResponse('The response has no image.')
  throw new AIError({ code: 'content-filter', message: filtered, vendorMessage: filtered })
}
