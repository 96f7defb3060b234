import type { ProtocolObserver } from '../shared/observer.ts'

export const openaiMediaObserver: ProtocolObserver = {
  operations: [
    [/\/embeddings$/, 'embeddings'],
    [/\/images\/\w+$/, 'image'],
    [/\/audio\/speech$/, 'speech'],
    [/\/audio\/(transcriptions|translations)$/, 'transcription'],
    [/\/moderations$/, 'moderation'],
  ],
}
