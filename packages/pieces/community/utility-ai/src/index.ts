import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { checkModeration } from './lib/check-moderation.ts'
import { classifyText } from './lib/classify-text.ts'
import { extractData } from './lib/extract-data.ts'

/** Embedded as a data URL, so the piece needs no hosted file. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <title>Utility AI</title>
  <rect width="64" height="64" rx="14" fill="#0f766e"/>
  <path d="M14 20l4 4 7-8M14 40l4 4 7-8" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>
  <path d="M33 21h17M33 41h17" stroke="#fff" stroke-width="4" stroke-linecap="round"/>
</svg>`

/** The universal piece for structured results that later steps can use: labels, fields and moderation results. */
export const utilityAi = createPiece({
  displayName: 'Utility AI',
  description: 'Classify text, extract data and moderate content with any connected AI provider.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
  authors: [],
  actions: [classifyText, extractData, checkModeration],
  triggers: [],
})

export { type ModerationOutput, moderationOutput } from './lib/check-moderation.ts'
export { type ClassifyOutput, classifyOutput } from './lib/classify-text.ts'
export { type ExtractOutput, extractOutput } from './lib/extract-data.ts'
