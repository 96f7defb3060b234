import type { AIChatRequest } from '../../contract/chat.ts'
import type { ChatChanges } from './changes.ts'
import { toStrict } from './schema.ts'

/** Renders the response schema for OpenAI's strict mode, for both of its chat protocols. */
export function renderJsonSchema({ responseSchema }: AIChatRequest, { takeSchema, note }: ChatChanges) {
  if (!responseSchema) return undefined
  const { name, schema } = responseSchema
  if (toStrict(schema, STRICT).strict) return { name, strict: true, schema: takeSchema(schema, 'schema', STRICT) }
  note(
    'changed',
    'schema',
    'schema sent without strict mode, which does not support objects with arbitrary keys: the model may violate the schema',
  )
  return { name, strict: false, schema: { ...schema } }
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
