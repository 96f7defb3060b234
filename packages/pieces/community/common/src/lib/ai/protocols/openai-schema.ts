import type { AIChange, AIChatRequest } from '../contract-chat.ts'
import { toStrict } from '../schema.ts'

/** The answer's schema as OpenAI's strict mode takes it, the same on both of its wires; undefined when none is asked for. */
export function renderJsonSchema({ responseSchema }: AIChatRequest, changes: AIChange[]) {
  if (!responseSchema) return undefined
  const { schema, removed, strict } = toStrict(responseSchema.schema, STRICT)
  if (removed.length > 0) {
    const message = `${removed.length} schema keywords removed (${[...new Set(removed)].join(', ')}): checked after the reply`
    changes.push({ type: 'renamed', parameter: 'schema', message })
  }
  return { name: responseSchema.name, strict, schema: strict ? schema : { ...responseSchema.schema } }
}

/** @see https://platform.openai.com/docs/guides/structured-outputs#supported-schemas */
const STRICT = {
  allRequired: true,
  refused: [
    'default',
    'examples',
    'not',
    'if',
    'then',
    'else',
    'dependentRequired',
    'dependentSchemas',
    'patternProperties',
    'propertyNames',
    'unevaluatedProperties',
    'unevaluatedItems',
    'contains',
    'minContains',
    'maxContains',
    'uniqueItems',
    'minProperties',
    'maxProperties',
    'minLength',
    'maxLength',
  ],
}
