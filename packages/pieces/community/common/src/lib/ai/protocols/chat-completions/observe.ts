import type { ProtocolObserver } from '../shared/observer.ts'
import { parseUsage } from './reply.ts'

export const chatCompletionsObserver: ProtocolObserver = {
  operations: [[/\/(chat\/)?completions$/, 'chat']],
  usages: [{ fields: ['prompt_tokens', 'completion_tokens'], parse: parseUsage }],
  finishReasonField: 'finish_reason',
}
