import type { ProtocolObserver } from '../shared/observer.ts'
import { parseUsage } from './reply.ts'

export const responsesObserver: ProtocolObserver = {
  operations: [[/\/responses$/, 'chat']],
  usages: [{ fields: ['input_tokens', 'output_tokens'], parse: parseUsage }],
}
