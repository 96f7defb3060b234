type Schema = { readonly [keyword: string]: unknown }

/** Where the vendors' wires have the JSON schema of the answer. */
const PLACES = [
  ['response_format', 'json_schema', 'schema'],
  ['response_format', 'json_schema'],
  ['text', 'format', 'schema'],
  ['output_config', 'format', 'schema'],
  ['generationConfig', 'responseJsonSchema'],
  ['outputConfig', 'textFormat', 'structure', 'jsonSchema', 'schema'],
]

/** The JSON schema that a request of any vendor wants its answer in; undefined when it wants a text. */
export function schemaOf(body: unknown): Schema | undefined {
  return PLACES.map((path) => unpacked(path.reduce<unknown>(at, body))).find(isSchema)
}

/** One vendor takes the schema as a text. */
function unpacked(schema: unknown): unknown {
  return typeof schema === 'string' ? JSON.parse(schema) : schema
}

function at(value: unknown, field: string): unknown {
  return isSchema(value) ? value[field] : undefined
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value that a JSON schema allows: the first choice, the shortest list, a text that says what it is. */
export function sampleOf(schema: unknown, root: unknown = schema): unknown {
  if (!isSchema(schema)) return 'sample'
  const { $ref, anyOf, oneOf, enum: values, const: only, type } = schema
  if (typeof $ref === 'string') return sampleOf($ref.split('/').slice(1).reduce(at, root), root)
  if (only !== undefined) return only
  if (Array.isArray(values)) return values[0]
  const choices = [anyOf, oneOf].find(Array.isArray)
  if (choices) return sampleOf(choices[0], root)
  return sampleOfType(Array.isArray(type) ? type[0] : type, schema, root)
}

function sampleOfType(type: unknown, { properties, items }: Schema, root: unknown): unknown {
  if (type === 'object' || isSchema(properties)) {
    return Object.fromEntries(
      Object.entries(isSchema(properties) ? properties : {}).map(([name, value]) => [name, sampleOf(value, root)]),
    )
  }
  if (type === 'array') return [sampleOf(items, root)]
  if (type === 'number' || type === 'integer') return 0
  if (type === 'boolean') return false
  return type === 'null' ? null : 'sample'
}
