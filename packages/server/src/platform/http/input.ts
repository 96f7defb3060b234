import { FREE_JSON_FIELDS } from '@activepieces/contract'
import { isDeeperThan, MAX_JSON_DEPTH } from './json-depth.ts'

export type InputProblem = { readonly path: readonly string[]; readonly message: string }

/**
 * Checks the input of every route for what schemas do not cover: JSON nested too deeply, and text that PostgreSQL can't store,
 * which is NUL and half of a surrogate pair.
 */
export function findInputProblem(input: unknown): InputProblem | undefined {
  if (typeof input !== 'object' || input === null) return undefined
  for (const [name, value] of Object.entries(input)) {
    if (isDeeperThan(value, MAX_JSON_DEPTH)) {
      return { path: [name], message: `is nested deeper than ${MAX_JSON_DEPTH} levels` }
    }
    // Passed to a piece, or stored as JSON text, in which both are escaped.
    if (FREE_JSON_FIELDS.includes(name)) continue
    const problem = findTextProblem(name, []) ?? findTextProblem(value, [name])
    if (problem) return problem
  }
  return undefined
}

function findTextProblem(value: unknown, path: readonly string[]): InputProblem | undefined {
  if (typeof value === 'string') {
    if (value.includes('\0')) return { path, message: 'contains a NUL character' }
    return value.isWellFormed() ? undefined : { path, message: 'contains half of a surrogate pair' }
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const problem = findTextProblem(name, path) ?? findTextProblem(inner, [...path, name])
    if (problem) return problem
  }
  return undefined
}
