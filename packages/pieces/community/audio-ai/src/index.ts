import { createPiece, PieceAuth } from '@activepieces/pieces-framework'
import { textToSpeech } from './lib/text-to-speech.ts'
import { transcribeAudio } from './lib/transcribe-audio.ts'

/** Embedded as a data URL, so the piece needs no hosted file. */
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <title>Audio AI</title>
  <rect width="64" height="64" rx="14" fill="#b45309"/>
  <path d="M14 28v8M23 20v24M32 14v36M41 22v20M50 28v8" stroke="#fff" stroke-width="5" stroke-linecap="round"/>
</svg>`

/** The universal audio piece: the same actions for every AI provider that the admin has connected. */
export const audioAi = createPiece({
  displayName: 'Audio AI',
  description: 'Turn text into speech and speech into text with any connected AI provider that supports audio.',
  auth: PieceAuth.None(),
  minimumSupportedRelease: '0.82.0',
  logoUrl: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
  authors: [],
  actions: [textToSpeech, transcribeAudio],
  triggers: [],
})

export { type SpeechOutput, speechOutput } from './lib/text-to-speech.ts'
export { type TranscriptOutput, transcriptOutput } from './lib/transcribe-audio.ts'
