import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { askAi } from './lib/ask-ai.ts'

/** The universal text piece: one set of actions for every provider that the admin has connected. */
export const textAi = createPiece({
  displayName: 'Text AI',
  description: 'Ask any connected AI provider.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: 'https://cdn.activepieces.com/pieces/text-ai.svg',
  authors: [],
  actions: [askAi],
  triggers: [],
})

export { type AskAiOutput, askAiOutput } from './lib/ask-ai.ts'
