import type { EngineClaims } from '../../auth/claims.ts'
import { ApiError } from '../../platform/errors.ts'
import {
  type BodyHeaders,
  type ModelFacts,
  modelInPath,
  modelsInBody,
  modelsInQuery,
  type NamedModel,
} from './models.ts'

/** Largest body that is buffered to find the model that it names, in bytes. */
export const MAX_BODY_FOR_MODEL = 16 * 1024 * 1024

/**
 * Checks the connection and the path of a call against its token.
 *
 * @param tail the path below the connection with its query, as received
 * @throws ApiError 403 `connection-not-allowed`, `path-not-allowed`
 */
export function restrictTarget(claims: EngineClaims, connection: { id: string; slug: string }, tail: string): void {
  if (claims.connectionId !== undefined && claims.connectionId !== connection.id) {
    throw new ApiError('connection-not-allowed', `The engine token does not allow the connection "${connection.slug}".`)
  }
  if (claims.paths === undefined) return
  const [path = ''] = tail.split('?', 1)
  if (!claims.paths.some((allowed) => matchesPath(path, allowed))) {
    throw new ApiError(
      'path-not-allowed',
      `The engine token does not allow this path. Allowed paths: ${claims.paths.join(', ')}.`,
    )
  }
}

/** The parts of a call that can name models. */
export type RestrictedCall = {
  readonly method: string
  /** The path below the connection with its query, as received. */
  readonly tail: string
  /** As received: a flat list with duplicates. */
  readonly rawHeaders: readonly string[]
  readonly headers: BodyHeaders
  /** The whole body; null if there is none. */
  readonly body: Buffer | null
}

/**
 * Checks the models of a call against its token. Every model that it names must be allowed, and it must name one, unless it
 * only lists models. Refuses a call that could bring in another model or use something stored at the provider.
 *
 * @throws ApiError 403 `model-not-allowed` that says what is not allowed and how to name the model
 */
export function restrictModels(models: readonly string[], call: RestrictedCall): void {
  const [rawPath = '', query = ''] = call.tail.split(/\?(.*)/s, 2)
  const path = decoded(rawPath)
  const inPath = modelInPath(path, models)
  const facts = [modelsInQuery(query), modelsInCall(models, call)]
  for (const { named, reference } of facts) {
    for (const one of named) checkNamed(models, one)
    if (reference !== undefined) throw notAllowed(models, `The field "${short(reference)}" can bring in another model.`)
  }
  if (inPath === 'other') throw notAllowed(models, 'The path names another model.')
  if (READS.has(call.method)) {
    if (inPath === 'allowed' || LISTS.some((pattern) => pattern.test(path))) return
    throw notAllowed(models, 'A read may only list models, or get one of these.')
  }
  if (call.method !== 'POST') throw notAllowed(models, `It does not allow the method ${call.method}.`)
  if (STORED.test(path)) throw notAllowed(models, `It does not allow what is stored at the provider (${short(path)}).`)
  const names = facts.some(({ named }) => named.some(({ field }) => MAIN_FIELD.test(field)))
  if (!names && inPath !== 'allowed') throw notAllowed(models, 'The call does not name a model.')
}

function modelsInCall(models: readonly string[], { headers, rawHeaders, body }: RestrictedCall): ModelFacts {
  if (body === null || body.length === 0) return { named: [] }
  const types = rawHeaders.filter((name, at) => at % 2 === 0 && /^content-type$/i.test(name))
  const facts = types.length > 1 ? undefined : modelsInBody(body, headers)
  if (facts) return facts
  throw notAllowed(
    models,
    "The body can't be read for its model: it must be one JSON object, or a plain multipart form.",
  )
}

function checkNamed(models: readonly string[], { field, model }: NamedModel): void {
  if (model === undefined) throw notAllowed(models, `The field "${short(field)}" is not the name of a model.`)
  if (models.includes(model.replace(/^models\//, ''))) return
  throw notAllowed(models, `The field "${short(field)}" names "${short(model)}".`)
}

/** Where the model of the call itself is named; elsewhere it is that of a tool or a fallback. */
const MAIN_FIELD =
  /^((session|requests|requests\.params)\.)?(models?|model[_-]?(id|name)|deployment([_-]?(id|name))?|engine([_-]?id)?)$/i

const READS = new Set(['GET', 'HEAD'])

/** Paths that can be read without naming a model: lists of models, and a Replicate prediction by its id. */
const LISTS = [
  /\/(models|tunedModels|foundation-models|deployments)\/?$/i,
  /^\/api\/(tags|version)$/,
  /\/v1\/predictions\/[\w-]+$/,
]

/** Files, jobs, agents and the like, which have their own models or belong to other callers. */
const STORED =
  /\/(files?|uploads?|batch(es)?|fine[_-]?tun(es?|ing)|tuning_?jobs|assistants?|threads|agents?|conversations|workflows|evals|containers|vector_stores|skills|sessions|environments|cancel|delete|stop|archive)(\/|$)/i

/** Decodes until nothing changes, as hosts behind gateways may; keeps what can't be decoded. */
function decoded(path: string): string {
  try {
    const next = decodeURIComponent(path)
    return next === path ? next : decoded(next)
  } catch {
    return path
  }
}

function matchesPath(path: string, allowed: string): boolean {
  return allowed.endsWith('*') ? path.startsWith(allowed.slice(0, -1)) : path === allowed
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

function notAllowed(models: readonly string[], what: string): ApiError {
  const how = 'Name one of them in the field "model", or in the path where the API has it there.'
  return new ApiError(
    'model-not-allowed',
    `The engine token only allows these models: ${models.join(', ')}. ${what} ${how}`,
  )
}
