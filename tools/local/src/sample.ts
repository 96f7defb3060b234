type Schema = { readonly [keyword: string]: unknown }

/** Paths of the output's JSON schema in the request bodies of the protocols. */
const SCHEMA_PATHS = [
  ['response_format', 'json_schema', 'schema'],
  ['response_format', 'json_schema'],
  ['text', 'format', 'schema'],
  ['output_config', 'format', 'schema'],
  ['generationConfig', 'responseJsonSchema'],
  ['outputConfig', 'textFormat', 'structure', 'jsonSchema', 'schema'],
]

/** Returns the JSON schema of the output that a request asks for, or undefined if it asks for text. */
export function schemaOf(body: unknown): Schema | undefined {
  return SCHEMA_PATHS.map((path) => parsed(path.reduce<unknown>(at, body))).find(isSchema)
}

/** One vendor expects the schema as a JSON string. */
function parsed(schema: unknown): unknown {
  return typeof schema === 'string' ? JSON.parse(schema) : schema
}

function at(value: unknown, field: string): unknown {
  return isSchema(value) ? value[field] : undefined
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Returns a value that a JSON schema allows: the first choice, the shortest list, a descriptive text. A field that occurs
 * in the text as `Name: value` gets that value.
 *
 * @param text the text of the request
 */
export function sampleOf(schema: unknown, text = ''): unknown {
  return sample(schema, { root: schema, text })
}

type Source = { readonly root: unknown; readonly text: string }

function sample(schema: unknown, source: Source, name?: string): unknown {
  if (!isSchema(schema)) return 'sample'
  const { $ref, anyOf, oneOf, enum: values, const: only, type } = schema
  if (typeof $ref === 'string') return sample($ref.split('/').slice(1).reduce(at, source.root), source, name)
  if (only !== undefined) return only
  if (Array.isArray(values)) return values[0]
  const choices = [anyOf, oneOf].find(Array.isArray)
  if (choices) return sample(choices[0], source, name)
  return sampleOfType(Array.isArray(type) ? type[0] : type, schema, source, name)
}

function sampleOfType(type: unknown, { properties, items }: Schema, source: Source, name?: string): unknown {
  if (type === 'object' || isSchema(properties)) {
    return Object.fromEntries(
      Object.entries(isSchema(properties) ? properties : {}).map(([name, value]) => [
        name,
        sample(value, source, name),
      ]),
    )
  }
  if (type === 'array') return [sample(items, source, name)]
  const found = name === undefined ? undefined : valueIn(source.text, name)
  if (type === 'number' || type === 'integer') return numberIn(found) ?? 1
  if (type === 'boolean') return false
  return type === 'null' ? null : (found ?? 'sample')
}

/** The text after `Name:` in a line. */
function valueIn(text: string, name: string): string | undefined {
  const line = text.split('\n').find((row) => row.toLowerCase().startsWith(`${name.toLowerCase()}:`))
  return line?.slice(name.length + 1).trim()
}

function numberIn(text: string | undefined): number | undefined {
  const [digits] = text?.replaceAll(',', '').match(/-?\d+(\.\d+)?/) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Returns the texts of a request, including those of simple PDF files in it. */
export function textOf(body: unknown): string {
  if (typeof body === 'string') return pdfText(body) ?? body
  return typeof body === 'object' && body !== null ? Object.values(body).map(textOf).join('\n') : ''
}

/** The text of a base64 PDF with uncompressed pages. */
function pdfText(text: string): string | undefined {
  const base64 = /(?:^|base64,)(JVBERi[A-Za-z0-9+/=]+)$/.exec(text)?.[1]
  if (base64 === undefined) return undefined
  const strings = Buffer.from(base64, 'base64')
    .toString('latin1')
    .matchAll(/\(((?:[^()\\]|\\.)*)\)\s*Tj/g)
  return [...strings].map(([, words = '']) => words.replace(/\\(.)/g, '$1')).join('\n')
}
