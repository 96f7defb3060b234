import { ApiError } from '../platform/errors.ts'

/** The built-in project, which always exists. */
export const LOCAL_PROJECT = 'local'

export function projectNotFound(id: string): ApiError {
  return new ApiError('project-not-found', `There is no project "${id}".`)
}
