import { ApiError } from '../http/errors.ts'
import type { EngineClaims } from './claims.ts'
import { type BodyHeaders, modelInPath, modelsInBody, modelsInQuery } from './models.ts'

/** The largest body that is read whole to see which model it names, in bytes. */
export const READ_FOR_MODEL = 16 * 1024 * 1024

/**
 * Holds a call against what its token may do, as far as the URL tells it.
 *
 * @param tail the path below the connection with its query, as it came
 * @throws ApiError 403 `connection-not-allowed`, `path-not-allowed`
 */
export function checkPlace(claims: EngineClaims, connection: { id: string; slug: string }, tail: string): void {
  if (claims.connectionId !== undefined && claims.connectionId !== connection.id) {
    throw new ApiError('connection-not-allowed', `The engine token is not for the connection "${connection.slug}".`)
  }
  if (claims.paths === undefined) return
  const [path = ''] = tail.split('?', 1)
  if (!claims.paths.some((allowed) => fits(path, allowed))) {
    throw new ApiError(
      'path-not-allowed',
      `The engine token is not for this path. It is for: ${claims.paths.join(', ')}.`,
    )
  }
}

/**
 * Holds a call against the models of its token: every one that it names must be allowed, and one that sends something
 * must name one.
 *
 * @param call its body whole, null for none
 * @throws ApiError 403 `model-not-allowed`
 */
export function checkModels(
  models: readonly string[],
  call: { tail: string; headers: BodyHeaders; body: Buffer | null },
): void {
  const [path = '', query = ''] = call.tail.split(/\?(.*)/s, 2)
  const inPath = modelInPath(path, models)
  const inBody = call.body === null ? [] : modelsInBody(call.body, call.headers)
  if (inBody === undefined)
    throw new ApiError('model-not-allowed', `${FOR(models)} The body cannot be read to see its model.`)
  const named = [...inBody, ...modelsInQuery(query)]
  const wrong = named.find((model) => !models.includes(model.replace(/^models\//, '')))
  if (wrong !== undefined)
    throw new ApiError('model-not-allowed', `${FOR(models)} It is not for "${wrong.slice(0, 200)}".`)
  if (inPath === 'other') throw new ApiError('model-not-allowed', `${FOR(models)} The path names another one.`)
  if (call.body !== null && named.length === 0 && inPath === 'none') {
    throw new ApiError('model-not-allowed', `${FOR(models)} The call names no model.`)
  }
}

function fits(path: string, allowed: string): boolean {
  return allowed.endsWith('*') ? path.startsWith(allowed.slice(0, -1)) : path === allowed
}

const FOR = (models: readonly string[]) => `The engine token is for these models: ${models.join(', ')}.`
