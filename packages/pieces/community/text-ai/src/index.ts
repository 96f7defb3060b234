import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { askAi } from './lib/ask-ai.ts'
import { summarizeText } from './lib/summarize-text.ts'

/** The universal text piece: one set of actions for every provider that the admin has connected. */
export const textAi = createPiece({
  displayName: 'Text AI',
  description: 'Ask any connected AI provider, and have texts summarized.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: 'https://cdn.activepieces.com/pieces/text-ai.svg',
  authors: [],
  actions: [askAi, summarizeText],
  triggers: [],
})

export { type AskAiOutput, askAiOutput } from './lib/ask-ai.ts'
export { type SummarizeOutput, summarizeOutput } from './lib/summarize-text.ts'
