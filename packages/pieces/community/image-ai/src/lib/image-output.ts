import type { AIImageResponse } from '@activepieces/pieces-common'
import type { ActionContext } from '@activepieces/pieces-framework'
import { z } from 'zod'

/** Output of the actions that generate or edit images. */
export const imageOutput = z.strictObject({
  images: z
    .array(
      z.strictObject({
        url: z.string().describe('Where the file is stored.'),
        filename: z.string(),
        mediaType: z.string().describe('Detected from the content, e.g. image/png.'),
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

/** Saves the images as files of the run, named `<name>-1.png`, `<name>-2.png` and so on. */
export async function saveImages(
  { images, usage }: AIImageResponse,
  files: ActionContext['files'],
  name: string,
): Promise<ImageOutput> {
  const saved = images.map(async ({ base64, mediaType }, index) => {
    const filename = `${name}-${index + 1}.${FILE_EXTENSIONS[mediaType] ?? 'bin'}`
    const url = await files.write({ fileName: filename, data: Buffer.from(base64, 'base64') })
    return { url, filename, mediaType }
  })
  const { promptTokens, completionTokens, totalTokens } = usage ?? {}
  return {
    images: await Promise.all(saved),
    usage: {
      ...(promptTokens !== undefined && { promptTokens }),
      ...(completionTokens !== undefined && { completionTokens }),
      ...(totalTokens !== undefined && { totalTokens }),
    },
  }
}

const FILE_EXTENSIONS: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/svg+xml': 'svg',
}
