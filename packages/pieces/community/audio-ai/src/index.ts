import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { textToSpeech } from './lib/text-to-speech.ts'
import { transcribeAudio } from './lib/transcribe-audio.ts'

/** The universal audio piece: one set of actions for every provider that the admin has connected. */
export const audioAi = createPiece({
  displayName: 'Audio AI',
  description: 'Turn text into speech and speech into text with any connected AI provider that can.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: 'https://cdn.activepieces.com/pieces/audio-ai.svg',
  authors: [],
  actions: [textToSpeech, transcribeAudio],
  triggers: [],
})

export { type SpeechOutput, speechOutput } from './lib/text-to-speech.ts'
export { type TranscriptOutput, transcriptOutput } from './lib/transcribe-audio.ts'
