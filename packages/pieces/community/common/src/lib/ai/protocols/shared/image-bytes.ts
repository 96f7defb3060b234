import type { AIWarning } from '../../contract/chat.ts'
import type { AIGeneratedImage } from '../../contract/media.ts'
import { AIError } from '../../errors/ai-error.ts'
import { invalidResponse } from './reply.ts'

/**
 * Creates an image from base64. Detects its type from the bytes, and falls back to the vendor's.
 *
 * @param said type that the vendor reported, e.g. `image/png`
 */
export function imageOfBytes(base64: string, said = 'image/png'): AIGeneratedImage {
  const known = Object.entries(BEGINNINGS).find(([beginning]) => base64.startsWith(beginning))?.[1]
  return { base64, mediaType: known ?? said }
}

/** First bytes by type, in base64. */
const BEGINNINGS: Record<string, string> = {
  iVBORw0KGgo: 'image/png',
  '/9j/': 'image/jpeg',
  R0lGOD: 'image/gif',
  UklGR: 'image/webp',
}

/** Warns that a size was converted to an aspect ratio. */
export function aspectRatioWarnings(size: string | undefined): { warnings?: AIWarning[] } {
  if (size === undefined) return {}
  const message = `size ${size} → aspect ratio ${aspectRatioOf(size)}: the vendor chooses the number of pixels`
  return { warnings: [{ type: 'changed', parameter: 'size', message }] }
}

/** Downloads an image from a public URL, without a token. */
export async function downloadImage(url: string, signal: AbortSignal | undefined): Promise<AIGeneratedImage> {
  const response = await fetch(url, { ...(signal && { signal }) })
  if (!response.ok) throw invalidResponse(`The image could not be downloaded: ${response.status}.`)
  const base64 = Buffer.from(await response.arrayBuffer()).toString('base64')
  const image = imageOfBytes(base64, response.headers.get('content-type')?.split(';', 1)[0])
  if (base64 !== '' && !/^(text|application\/json)/.test(image.mediaType)) return image
  throw invalidResponse(`The URL of the image returned ${base64 === '' ? 'nothing' : image.mediaType}.`)
}

/**
 * Parses `1024x1536` to pixels.
 *
 * @throws AIError `invalid-request` for anything else
 */
export function widthAndHeight(size: string): { width: number; height: number } {
  const [, width = 0, height = 0] = /^([1-9]\d*)x([1-9]\d*)$/.exec(size)?.map(Number) ?? []
  if (width > 0) return { width, height }
  const message = `size is "${size}"; expected width and height, e.g. 1024x1024.`
  throw new AIError({ code: 'invalid-request', message, parameter: 'size' })
}

/** Converts `1024x1536` to `2:3`. @throws like `widthAndHeight` */
export function aspectRatioOf(size: string): string {
  const { width, height } = widthAndHeight(size)
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  const by = divisor(width, height)
  return `${width / by}:${height / by}`
}
