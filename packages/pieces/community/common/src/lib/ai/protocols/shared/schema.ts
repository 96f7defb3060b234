import type { AIJsonSchema, AISchema } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'

/** Converts a zod schema to a JSON schema; returns a JSON schema unchanged. Only loads zod if needed. */
export async function toJsonSchema(schema: AISchema): Promise<AIJsonSchema> {
  const { $schema: _dialect, ...json } = isZod(schema)
    ? (await import('zod')).z.toJSONSchema(schema, { io: 'input' })
    : schema
  return json
}

/**
 * Validates a value against a zod schema. A value of a JSON schema is not validated.
 *
 * @throws AIError `invalid-object` that names every invalid path
 */
export function validateValue<Value>(schema: AISchema<Value>, value: unknown): Value {
  // SAFETY: for a JSON schema `Value` is unknown, so nothing is claimed.
  if (!isZod(schema)) return value as Value
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.length > 0 ? path.join('.') : 'the value'}: ${message}`,
  )
  throw new AIError({
    code: 'invalid-object',
    message: `The value does not match the schema: ${problems.join('; ')}.`,
    cause: result.error,
  })
}

function isZod<Value>(schema: AISchema<Value>): schema is Exclude<AISchema<Value>, AIJsonSchema> {
  return '_zod' in schema
}

/** Wraps any other root in an object with the field `value`, because vendors require an object. */
export function wrapRoot(schema: AIJsonSchema): { schema: AIJsonSchema; unwrap: (value: unknown) => unknown } {
  if (schema['type'] === 'object') return { schema, unwrap: (value) => value }
  const wrapped = { type: 'object', properties: { value: schema }, required: ['value'], additionalProperties: false }
  return { schema: wrapped, unwrap: (value) => (isRecord(value) ? value['value'] : value) }
}

/** What a vendor's strict mode supports. */
export type StrictDialect = {
  /** Keywords that the vendor rejects; they are removed, and zod checks them afterwards. */
  readonly refused: readonly string[]
  /** The vendor requires all properties; optional ones become nullable, see `dropNulls`. */
  readonly allRequired: boolean
  /** The vendor accepts objects with additional properties. */
  readonly open?: true
  /** The vendor has no `const`; use `enum` with one value. */
  readonly constAsEnum?: true
  /** The vendor has no `oneOf`; use `anyOf`. */
  readonly oneOfAsAnyOf?: true
  /** Formats that the vendor supports. Defaults to all. */
  readonly formats?: readonly string[]
}

/**
 * The dialect of Anthropic's models, also on Bedrock: closed objects, without bounds.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations
 */
export const CLOSED_SCHEMA: StrictDialect = {
  allRequired: false,
  refused: [
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
    'minLength',
    'maxLength',
    'maxItems',
    'minItems',
    'uniqueItems',
    'pattern',
    'default',
    'examples',
    'propertyNames',
    'patternProperties',
    'not',
    'if',
    'then',
    'else',
  ],
}

/**
 * Renders a schema for a vendor's strict mode.
 *
 * @returns the schema, the removed keywords, and whether strict mode supports it (not for maps with arbitrary keys)
 */
export function toStrict(
  schema: AIJsonSchema,
  dialect: StrictDialect,
): { schema: AIJsonSchema; removed: string[]; strict: boolean } {
  const removed: string[] = []
  let strict = true
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit)
    if (!isRecord(node)) return node
    const refused = (keyword: string) =>
      dialect.refused.includes(keyword) ||
      (keyword === 'format' && dialect.formats?.includes(String(node['format'])) === false)
    const kept = Object.entries(node).flatMap(([keyword, value]): [string, unknown][] => {
      if (refused(keyword)) return []
      if (dialect.oneOfAsAnyOf && keyword === 'oneOf') return [['anyOf', value]]
      return [dialect.constAsEnum && keyword === 'const' ? ['enum', [value]] : [keyword, value]]
    })
    removed.push(...Object.keys(node).filter(refused))
    if (dialect.oneOfAsAnyOf && 'oneOf' in node) removed.push('oneOf → anyOf')
    const out: Record<string, unknown> = Object.fromEntries(
      kept.map(([keyword, value]) => [keyword, visitKeyword(keyword, value, visit)]),
    )
    if (node['type'] !== 'object' || dialect.open) return out
    if (!isRecord(node['properties']) || isRecord(node['additionalProperties'])) strict = false
    else closeObject(out, node, dialect)
    return out
  }
  // SAFETY: visiting an object returns an object.
  return { schema: visit(schema) as AIJsonSchema, removed, strict }
}

/** Keywords whose keys are names. */
function visitKeyword(keyword: string, value: unknown, visit: (node: unknown) => unknown): unknown {
  if (!['properties', '$defs', 'definitions'].includes(keyword) || !isRecord(value)) {
    return ['enum', 'const', 'required', 'default', 'examples'].includes(keyword) ? value : visit(value)
  }
  return Object.fromEntries(Object.entries(value).map(([name, node]) => [name, visit(node)]))
}

function closeObject(out: Record<string, unknown>, node: AIJsonSchema, { allRequired }: StrictDialect) {
  out['additionalProperties'] = false
  if (!allRequired) return
  const required = requiredOf(node)
  const properties = Object.entries(isRecord(out['properties']) ? out['properties'] : {})
  out['properties'] = Object.fromEntries(
    properties.map(([name, value]) => [name, required.includes(name) ? value : nullable(value)]),
  )
  out['required'] = properties.map(([name]) => name)
}

function nullable(node: unknown): unknown {
  return admitsNull(node) ? node : { anyOf: [node, { type: 'null' }] }
}

/** Removes nulls that stand for absent optional properties, so that the value matches the original schema. */
export function dropNulls(value: unknown, schema: unknown, root: unknown = schema): unknown {
  const node = resolve(schema, root)
  if (Array.isArray(value))
    return value.map((item) => dropNulls(item, isRecord(node) ? node['items'] : undefined, root))
  if (!isRecord(value) || !isRecord(node)) return value
  const properties = isRecord(node['properties']) ? node['properties'] : {}
  const required = requiredOf(node)
  const kept = Object.entries(value).filter(([name, item]) => {
    const declared = properties[name]
    return item !== null || declared === undefined || required.includes(name) || admitsNull(resolve(declared, root))
  })
  return Object.fromEntries(kept.map(([name, item]) => [name, dropNulls(item, properties[name], root)]))
}

function resolve(node: unknown, root: unknown): unknown {
  const reference = isRecord(node) ? node['$ref'] : undefined
  if (typeof reference !== 'string' || !reference.startsWith('#')) return node
  const steps = reference.split('/').slice(1)
  return steps.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root)
}

function admitsNull(node: unknown): boolean {
  if (!isRecord(node)) return true
  const { type, anyOf, oneOf, enum: values } = node
  if (
    type === 'null' ||
    (Array.isArray(type) && type.includes('null')) ||
    (Array.isArray(values) && values.includes(null))
  )
    return true
  return [anyOf, oneOf].some((list) => Array.isArray(list) && list.some(admitsNull))
}

function requiredOf(node: AIJsonSchema): unknown[] {
  return Array.isArray(node['required']) ? node['required'] : []
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
