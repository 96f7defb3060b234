import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { RequestType } from './protocols/protocol.ts'
import type { JsonObject } from './targets/fake-vendor.ts'

const validators = new Map<string, ValidateFunction>()

/**
 * Holds a request against the SDK's own type of it, turned into a JSON schema.
 *
 * @returns what is wrong, in one sentence; undefined when nothing is
 */
export async function problemOf(body: JsonObject, request: RequestType): Promise<string | undefined> {
  const validate = await validatorOf(request)
  if (validate(asTyped(body, request))) return undefined
  return `what was sent is no ${request.type}: ${deepest(validate.errors ?? []).join('; ')}`
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

/** Made from the SDK that is installed, once: kept beside it, under a name that changes when its types do. */
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
    renameSync(`${cached}.${process.pid}`, cached) // another worker may do the same
  }
  // SAFETY: what was written above is an object.
  return JSON.parse(readFileSync(cached, 'utf8')) as JsonObject
}

/** The body as the type wants it: without the fields that are right though it lacks them, with those that may be absent. */
function asTyped(body: JsonObject, { extraFields, optionalFields = [] }: RequestType): JsonObject {
  const copy = structuredClone(body) as Record<string, unknown>
  for (const { field } of extraFields) for (const item of holdersOf(copy, field)) delete item[nameOf(field)]
  for (const { field, of } of optionalFields) {
    for (const item of holdersOf(copy, field)) if (item['type'] === of) item[nameOf(field)] ??= 'some-id'
  }
  return copy
}

/** The objects that have the field: the body itself, or the items of a list, as in `input[].id`. */
function holdersOf(body: Record<string, unknown>, field: string): Record<string, unknown>[] {
  if (!field.includes('[].')) return [body]
  const list = body[field.split('[].', 1)[0] ?? '']
  return Array.isArray(list) ? list : []
}

function nameOf(field: string): string {
  return field.split('[].').at(-1) ?? field
}

/** A union's errors are one per member: those that got furthest are about the member that was meant. */
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
  return `${instancePath || 'the body'} ${message}${extra}`
}
