import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { describeImage } from './lib/describe-image.ts'
import { editImage } from './lib/edit-image.ts'
import { generateImage } from './lib/generate-image.ts'

/** The universal image piece: one set of actions for every provider that the admin has connected. */
export const imageAi = createPiece({
  displayName: 'Image AI',
  description: 'Make, change and describe images with any connected AI provider that can.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: 'https://cdn.activepieces.com/pieces/image-ai.svg',
  authors: [],
  actions: [generateImage, editImage, describeImage],
  triggers: [],
})

export { type DescribeImageOutput, describeImageOutput } from './lib/describe-image.ts'
export { type ImageOutput, imageOutput } from './lib/image-output.ts'
