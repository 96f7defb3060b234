import { SECRET_FIELDS } from '@activepieces/contract'
import type { FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import { ApiError } from '../errors.ts'
import { findInputProblem, type InputProblem } from './input.ts'

/** Validates input against the route's zod schema. The error names the field, its value, and what is allowed. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  return (data) => {
    const problem = findInputProblem(data)
    if (problem) return { error: toInputError(problem, httpPart ?? 'request') }
    const result = schema.safeParse(data, { reportInput: true })
    if (result.success) return { value: result.data }
    const [issue] = result.error.issues
    return { error: issue ? toError(issue, schema, httpPart ?? 'request') : result.error }
  }
}

function toInputError({ path, message }: InputProblem, part: string): ApiError {
  const name = path.join('.')
  const field = name ? `field "${name}"` : part
  return new ApiError('invalid-request', `The ${field} ${message}.`, { param: name || null })
}

function toError(issue: z.core.$ZodIssue, schema: z.ZodType, part: string): ApiError {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys
    const name = path ? `${path}.${key}` : `${key}`
    const fields =
      schema instanceof z.ZodObject && !path ? ` The fields are: ${Object.keys(schema.shape).join(', ')}.` : ''
    return new ApiError('invalid-request', `Unknown field "${name}".${fields}`, { param: name })
  }
  const field = path ? `field "${path}"` : part
  const words = `The ${field} ${cannotBe(issue)}: ${issue.message}.`
  return new ApiError('invalid-request', words, { param: path || null })
}

function cannotBe({ input, path }: z.core.$ZodIssue): string {
  if (input === undefined) return 'is missing'
  if (typeof input === 'string' && !SECRET_FIELDS.includes(String(path[0]))) {
    return `cannot be "${input.length > 80 ? `${input.slice(0, 80)}…` : input}"`
  }
  if (typeof input === 'number') return `cannot be ${input}`
  return 'has an invalid value'
}
