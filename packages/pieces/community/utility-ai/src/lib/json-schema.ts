import { AIError, type AIJsonSchema } from '@activepieces/pieces-common'
import { z } from 'zod'

/** The schema sent to the model, and a function that validates its output. */
export type JsonSchemaOutput = {
  readonly schema: AIJsonSchema
  /** @throws AIError `invalid-object` naming each path that does not match */
  readonly read: (output: unknown) => unknown
}

/**
 * Validates a JSON schema entered by a flow author.
 *
 * @throws AIError `invalid-request` if it is not a valid JSON schema, naming the path of the first problem
 */
export function jsonSchemaOf(value: unknown): JsonSchemaOutput {
  if (!isRecord(value) || !KEYWORDS.some((keyword) => keyword in value)) {
    throw invalid('Invalid JSON schema: expected an object like { "type": "object", "properties": { … } }.')
  }
  const problem = problemIn(value, '', value)
  if (problem !== undefined) throw invalid(`Invalid JSON schema${problem}.`)
  return { schema: value, read: (output) => validateOutput(value, output) }
}

// ---- the schema

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
const KEYWORDS = ['type', 'properties', 'items', 'anyOf', 'oneOf', 'allOf', '$ref', 'enum', 'const']
/** Keywords whose value is one schema, a list of schemas, or schemas by name. */
const SINGLE = ['items', 'additionalProperties', 'not', 'contains', 'propertyNames', 'if', 'then', 'else']
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions']

/** Returns the first problem with its path, or undefined if the schema is valid. */
function problemIn(node: unknown, path: string, root: unknown): string | undefined {
  const location = path === '' ? '' : ` at ${path}`
  if (typeof node === 'boolean') return undefined
  if (!isRecord(node)) return `${location}: expected a schema object, got ${JSON.stringify(node)}`
  const problem = problemInKeywords(node, root)
  return problem === undefined ? problemInChildren(node, path, root) : `${location}: ${problem}`
}

function problemInKeywords({ type, required, enum: values, $ref }: Record<string, unknown>, root: unknown) {
  const unknown = (type === undefined ? [] : [type].flat()).find((one) => !TYPES.some((known) => known === one))
  if (unknown !== undefined) return `unknown type ${JSON.stringify(unknown)}. Use ${TYPES.join(', ')}`
  if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === 'string'))) {
    return `"required" must be a list of names, got ${JSON.stringify(required)}`
  }
  if (values !== undefined && !(Array.isArray(values) && values.length > 0)) return '"enum" must be a non-empty list'
  if ($ref !== undefined && !resolves($ref, root)) return `$ref ${JSON.stringify($ref)} does not exist in this schema`
  return undefined
}

function resolves(reference: unknown, root: unknown): boolean {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return false
  const steps = reference.split('/').slice(1)
  return steps.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root) !== undefined
}

function problemInChildren(node: Record<string, unknown>, path: string, root: unknown): string | undefined {
  const prefix = path === '' ? '' : `${path}.`
  for (const keyword of [...LISTS, ...NAMED]) {
    const value = node[keyword]
    const isList = LISTS.includes(keyword)
    if (value === undefined || (isList ? Array.isArray(value) : isRecord(value))) continue
    return `${path === '' ? '' : ` at ${path}`}: "${keyword}" must be ${isList ? 'a list of schemas' : 'an object of schemas'}`
  }
  const children = [
    ...SINGLE.flatMap((keyword) => [node[keyword] ?? []].flat().map((child: unknown) => [keyword, child] as const)),
    ...[...LISTS, ...NAMED].flatMap((keyword) =>
      Object.entries(Object(node[keyword])).map(([name, child]) => [`${keyword}.${name}`, child] as const),
    ),
  ]
  for (const [name, child] of children) {
    const problem = problemIn(child, `${prefix}${name}`, root)
    if (problem !== undefined) return problem
  }
  return undefined
}

// ---- the output

/** Vendors do not always enforce the schema, with structured output or with a forced tool call. */
function validateOutput(schema: AIJsonSchema, output: unknown): unknown {
  const result = validatorOf(schema)?.safeParse(output)
  if (!result || result.success) return output
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.length > 0 ? path.join('.') : 'the value'}: ${message}`,
  )
  const message = `The model's output does not match the JSON schema: ${problems.join('; ')}.`
  throw new AIError({ code: 'invalid-object', message, cause: result.error })
}

/** Returns undefined for a schema with rules that zod cannot express. The output is not validated then. */
function validatorOf(schema: AIJsonSchema): z.ZodType | undefined {
  try {
    return z.fromJSONSchema(withoutAnnotations(schema))
  } catch {
    return undefined
  }
}

/** In JSON Schema, `format` and `default` are annotations. Zod would enforce the one and fill in the other. */
function withoutAnnotations(schema: AIJsonSchema): AIJsonSchema {
  return JSON.parse(
    JSON.stringify(schema, function (key, value) {
      const isKeyword = isRecord(this) && KEYWORDS.some((keyword) => keyword in this)
      return isKeyword && (key === 'format' || key === 'default') && !isRecord(value) ? undefined : value
    }),
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(message: string): AIError {
  return new AIError({ code: 'invalid-request', message, parameter: 'jsonSchema' })
}
