import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { askAi } from './lib/ask-ai.ts'
import { summarizeText } from './lib/summarize-text.ts'

/** Embedded as a data URL, so the piece needs no hosted file. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <title>Text AI</title>
  <rect width="64" height="64" rx="14" fill="#4f46e5"/>
  <path d="M14 16h36a4 4 0 0 1 4 4v20a4 4 0 0 1-4 4H32l-10 9v-9h-8a4 4 0 0 1-4-4V20a4 4 0 0 1 4-4z" fill="#fff"/>
  <path d="M18 26h28M18 34h18" stroke="#4f46e5" stroke-width="4" stroke-linecap="round"/>
</svg>`

/** The universal text piece: the same actions for every AI provider that the admin has connected. */
export const textAi = createPiece({
  displayName: 'Text AI',
  description: 'Send prompts to any connected AI provider and summarize text.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
  authors: [],
  actions: [askAi, summarizeText],
  triggers: [],
})

export { type AskAiOutput, askAiOutput } from './lib/ask-ai.ts'
export { type SummarizeOutput, summarizeOutput } from './lib/summarize-text.ts'
