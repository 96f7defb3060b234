import type { ProtocolObserver } from '../shared/observer.ts'
import { parseUsage } from './reply.ts'

export const bedrockConverseObserver: ProtocolObserver = {
  operations: [[/\/(converse(-stream)?|invoke(-with-response-stream)?)$/, 'chat']],
  usages: [{ fields: ['inputTokens', 'outputTokens'], parse: parseUsage }],
  finishReasonField: 'stopReason',
}
