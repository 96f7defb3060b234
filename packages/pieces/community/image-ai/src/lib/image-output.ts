import type { AIImageResponse } from '@activepieces/pieces-common'
import type { ActionContext } from '@activepieces/pieces-framework'
import { z } from 'zod'

/** What an action that makes images gives to the steps after it. */
export const imageOutput = z.strictObject({
  images: z
    .array(
      z.strictObject({
        url: z.string().describe('Where the file is kept.'),
        filename: z.string(),
        mediaType: z.string().describe('Told by the bytes, e.g. image/png.'),
      }),
    )
    .min(1),
  usage: z.strictObject({
    promptTokens: z.number().optional(),
    completionTokens: z.number().optional(),
    totalTokens: z.number().optional(),
  }),
})
export type ImageOutput = z.infer<typeof imageOutput>

/** Keeps the images as files of the run, each named after what it is. */
export async function keepImages(
  { images, usage }: AIImageResponse,
  files: ActionContext['files'],
  name: string,
): Promise<ImageOutput> {
  const kept = images.map(async ({ base64, mediaType }, index) => {
    const filename = `${name}-${index + 1}.${ENDINGS[mediaType] ?? 'bin'}`
    const url = await files.write({ fileName: filename, data: Buffer.from(base64, 'base64') })
    return { url, filename, mediaType }
  })
  const { promptTokens, completionTokens, totalTokens } = usage ?? {}
  return {
    images: await Promise.all(kept),
    usage: {
      ...(promptTokens !== undefined && { promptTokens }),
      ...(completionTokens !== undefined && { completionTokens }),
      ...(totalTokens !== undefined && { totalTokens }),
    },
  }
}

const ENDINGS: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/svg+xml': 'svg',
}
