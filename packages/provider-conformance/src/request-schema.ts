import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { RequestType } from './protocols/protocol.ts'
import type { JsonObject } from './targets/fake-vendor.ts'

const validators = new Map<string, ValidateFunction>()

/**
 * Validates a request body against a JSON schema that is generated from the SDK's own type.
 *
 * @returns the problem in one sentence; undefined if the body is valid
 */
export async function problemOf(body: JsonObject, request: RequestType): Promise<string | undefined> {
  const validate = await validatorOf(request)
  if (validate(adjusted(body, request))) return undefined
  return `the request body is not a valid ${request.type}: ${deepest(validate.errors ?? []).join('; ')}`
}

async function validatorOf({ module, type }: RequestType): Promise<ValidateFunction> {
  const known = validators.get(type)
  if (known) return known
  const validate = new Ajv({ strict: false, allowUnionTypes: true, validateFormats: false }).compile(
    await schemaOf(module, type),
  )
  validators.set(type, validate)
  return validate
}

/** Generates the schema from the installed SDK. Cached under a hash of the SDK's types. */
async function schemaOf(module: string, type: string): Promise<JsonObject> {
  const path = fileURLToPath(import.meta.resolve(module)).replace(/\.m?js$/, '.d.ts')
  const stamp = createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)
  const folder = fileURLToPath(new URL('../../../node_modules/.cache/provider-conformance', import.meta.url))
  const cached = join(folder, `${type}-${stamp}.json`)
  if (!existsSync(cached)) {
    const { createGenerator } = await import('ts-json-schema-generator')
    const tsconfig = fileURLToPath(new URL('./sdk-types.tsconfig.json', import.meta.url))
    const schema = createGenerator({ path, type, tsconfig, skipTypeCheck: true }).createSchema(type)
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${cached}.${process.pid}`, JSON.stringify(schema))
    renameSync(`${cached}.${process.pid}`, cached) // atomic, as other workers may write it too
  }
  // SAFETY: the generator writes an object.
  return JSON.parse(readFileSync(cached, 'utf8')) as JsonObject
}

/** Adjusts the body to the type: removes allowed extra fields and adds optional fields that the type requires. */
function adjusted(body: JsonObject, { extraFields, optionalFields = [] }: RequestType): JsonObject {
  const copy = structuredClone(body) as Record<string, unknown>
  for (const { field } of extraFields) for (const item of holdersOf(copy, field)) delete item[nameOf(field)]
  for (const { field, of } of optionalFields) {
    for (const item of holdersOf(copy, field)) if (item['type'] === of) item[nameOf(field)] ??= 'some-id'
  }
  return copy
}

/** Returns the objects that can have the field: the body itself, or the items of an array, as in `input[].id`. */
function holdersOf(body: Record<string, unknown>, field: string): Record<string, unknown>[] {
  if (!field.includes('[].')) return [body]
  const list = body[field.split('[].', 1)[0] ?? '']
  return Array.isArray(list) ? list : []
}

function nameOf(field: string): string {
  return field.split('[].').at(-1) ?? field
}

/** Selects the deepest errors. Of all members of a union, these belong to the intended one. */
function deepest(errors: readonly ErrorObject[]): string[] {
  const depth = (error: ErrorObject) => error.instancePath.split('/').length
  const real = errors.filter(({ keyword }) => keyword !== 'anyOf' && keyword !== 'const')
  const candidates = real.length > 0 ? real : errors
  const furthest = Math.max(...candidates.map(depth))
  const words = candidates.filter((error) => depth(error) === furthest).map(inWords)
  return [...new Set(words)].slice(0, 5)
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  const extra = 'additionalProperty' in params ? ` "${params['additionalProperty']}"` : ''
  return `${instancePath || 'the root'} ${message}${extra}`
}
