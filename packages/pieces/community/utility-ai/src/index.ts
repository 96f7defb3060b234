import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { checkModeration } from './lib/check-moderation.ts'
import { classifyText } from './lib/classify-text.ts'
import { extractData } from './lib/extract-data.ts'

/** The universal piece for answers that flows go on working with: labels, fields and verdicts. */
export const utilityAi = createPiece({
  displayName: 'Utility AI',
  description: 'Classify texts, extract data and check content with any connected AI provider.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: 'https://cdn.activepieces.com/pieces/utility-ai.svg',
  authors: [],
  actions: [classifyText, extractData, checkModeration],
  triggers: [],
})

export { type ModerationOutput, moderationOutput } from './lib/check-moderation.ts'
export { type ClassifyOutput, classifyOutput } from './lib/classify-text.ts'
export { type ExtractOutput, extractOutput } from './lib/extract-data.ts'
