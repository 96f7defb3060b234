import type { ProtocolObserver } from '../shared/observer.ts'
import { parseUsage } from './reply.ts'

export const anthropicMessagesObserver: ProtocolObserver = {
  operations: [[/\/messages$/, 'chat']],
  usages: [{ fields: ['cache_creation_input_tokens', 'cache_read_input_tokens'], parse: parseUsage }],
  finishReasonField: 'stop_reason',
}
