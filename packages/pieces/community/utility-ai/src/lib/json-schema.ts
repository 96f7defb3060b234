import { AIError, type AIJsonSchema } from '@activepieces/pieces-common'
import { z } from 'zod'

/** What is asked for by a JSON schema, and how the answer is held against it. */
export type JsonSchemaWanted = {
  readonly schema: AIJsonSchema
  /** @throws AIError `invalid-object` that names each path that does not fit */
  readonly read: (answer: unknown) => unknown
}

/**
 * Takes a JSON schema as a flow's author wrote it.
 *
 * @throws AIError `invalid-request` for what is no JSON schema, with the place of the first mistake
 */
export function jsonSchemaOf(given: unknown): JsonSchemaWanted {
  if (!isRecord(given) || !KEYWORDS.some((keyword) => keyword in given)) {
    throw wrong('The JSON schema is no object with keywords, e.g. { "type": "object", "properties": { … } }.')
  }
  const mistake = mistakeIn(given, '', given)
  if (mistake !== undefined) throw wrong(`The JSON schema is wrong${mistake}.`)
  return { schema: given, read: (answer) => checkAnswer(given, answer) }
}

// ---- the schema

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']
const KEYWORDS = ['type', 'properties', 'items', 'anyOf', 'oneOf', 'allOf', '$ref', 'enum', 'const']
/** Below these stands one schema, a list of schemas, or schemas by names. */
const ONE = ['items', 'additionalProperties', 'not', 'contains', 'propertyNames', 'if', 'then', 'else']
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions']

/** What is wrong first, with its place; undefined where nothing is. */
function mistakeIn(node: unknown, at: string, root: unknown): string | undefined {
  const place = at === '' ? '' : ` at ${at}`
  if (typeof node === 'boolean') return undefined
  if (!isRecord(node)) return `${place}: ${JSON.stringify(node)} is no schema; allowed is an object with keywords`
  const keyword = mistakeInKeywords(node, root)
  return keyword === undefined ? mistakeBelow(node, at, root) : `${place}: ${keyword}`
}

function mistakeInKeywords({ type, required, enum: values, $ref }: Record<string, unknown>, root: unknown) {
  const unknown = (type === undefined ? [] : [type].flat()).find((one) => !TYPES.some((known) => known === one))
  if (unknown !== undefined) return `type is ${JSON.stringify(unknown)}; allowed are ${TYPES.join(', ')}`
  if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === 'string'))) {
    return `required is ${JSON.stringify(required)}; allowed is a list of names`
  }
  if (values !== undefined && !(Array.isArray(values) && values.length > 0)) return 'enum is no list with values'
  if ($ref !== undefined && !leadsSomewhere($ref, root)) return `$ref ${JSON.stringify($ref)} leads to nothing here`
  return undefined
}

function leadsSomewhere(reference: unknown, root: unknown): boolean {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return false
  const steps = reference.split('/').slice(1)
  return steps.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root) !== undefined
}

function mistakeBelow(node: Record<string, unknown>, at: string, root: unknown): string | undefined {
  const below = at === '' ? '' : `${at}.`
  for (const keyword of [...LISTS, ...NAMED]) {
    const value = node[keyword]
    const isList = LISTS.includes(keyword)
    if (value === undefined || (isList ? Array.isArray(value) : isRecord(value))) continue
    return `${at === '' ? '' : ` at ${at}`}: ${keyword} is no ${isList ? 'list of schemas' : 'object with schemas by their names'}`
  }
  const children = [
    ...ONE.flatMap((keyword) => [node[keyword] ?? []].flat().map((child: unknown) => [keyword, child] as const)),
    ...[...LISTS, ...NAMED].flatMap((keyword) =>
      Object.entries(Object(node[keyword])).map(([name, child]) => [`${keyword}.${name}`, child] as const),
    ),
  ]
  for (const [name, child] of children) {
    const mistake = mistakeIn(child, `${below}${name}`, root)
    if (mistake !== undefined) return mistake
  }
  return undefined
}

// ---- the answer

/** A vendor's structured output may be lenient, and a forced tool is a wish: required means required here. */
function checkAnswer(schema: AIJsonSchema, answer: unknown): unknown {
  const result = checkerOf(schema)?.safeParse(answer)
  if (!result || result.success) return answer
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.length > 0 ? path.join('.') : 'the value'}: ${message}`,
  )
  const message = `The answer does not fit the JSON schema: ${problems.join('; ')}.`
  throw new AIError({ code: 'invalid-object', message, cause: result.error })
}

/** Undefined for a schema with rules that zod has no words for: the vendor's word is taken then. */
function checkerOf(schema: AIJsonSchema): z.ZodType | undefined {
  try {
    return z.fromJSONSchema(withoutHints(schema))
  } catch {
    return undefined
  }
}

/** By the standard a format is a hint, and a default is no value that came. */
function withoutHints(schema: AIJsonSchema): AIJsonSchema {
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

function wrong(message: string): AIError {
  return new AIError({ code: 'invalid-request', message, parameter: 'jsonSchema' })
}
