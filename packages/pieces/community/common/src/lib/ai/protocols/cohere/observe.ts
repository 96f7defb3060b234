import { objectAt } from '../shared/json.ts'
import type { ProtocolObserver } from '../shared/observer.ts'
import { parseUsage } from './reply.ts'

export const cohereObserver: ProtocolObserver = {
  operations: [
    [/\/v2\/chat$/, 'chat'],
    [/\/embed$/, 'embeddings'],
  ],
  usages: [
    { fields: ['tokens'], parse: parseUsage },
    {
      fields: ['billed_units'],
      parse: (usage) => ({ ...parseUsage({ tokens: objectAt(usage, 'billed_units') }), raw: usage }),
    },
  ],
}
