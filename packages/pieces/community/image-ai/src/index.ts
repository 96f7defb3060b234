import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { describeImage } from './lib/describe-image.ts'
import { editImage } from './lib/edit-image.ts'
import { generateImage } from './lib/generate-image.ts'

/** Embedded as a data URL, so the piece needs no hosted file. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <title>Image AI</title>
  <rect width="64" height="64" rx="14" fill="#be185d"/>
  <rect x="11" y="15" width="42" height="34" rx="4" fill="#fff"/>
  <circle cx="22" cy="25" r="4" fill="#be185d"/>
  <path d="M15 45l12-13 8 8 6-6 9 11z" fill="#be185d"/>
</svg>`

/** The universal image piece: the same actions for every AI provider that the admin has connected. */
export const imageAi = createPiece({
  displayName: 'Image AI',
  description: 'Generate, edit and describe images with any connected AI provider that supports images.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
  authors: [],
  actions: [generateImage, editImage, describeImage],
  triggers: [],
})

export { type DescribeImageOutput, describeImageOutput } from './lib/describe-image.ts'
export { type ImageOutput, imageOutput } from './lib/image-output.ts'
