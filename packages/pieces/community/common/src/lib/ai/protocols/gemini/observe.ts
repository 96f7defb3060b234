import type { ProtocolObserver } from '../shared/observer.ts'
import { parseUsage } from './reply.ts'

export const geminiObserver: ProtocolObserver = {
  operations: [
    [/:(streamG|g)enerateContent$/, 'chat'],
    [/:(batchE|e)mbedContents?$/, 'embeddings'],
    [/:predict$/, 'image'],
  ],
  usages: [{ fields: ['promptTokenCount', 'candidatesTokenCount', 'totalTokenCount'], parse: parseUsage }],
  finishReasonField: 'finishReason',
}
