import { ApiError } from '../platform/errors.ts'

/** The project that is always there. */
export const LOCAL_PROJECT = 'local'

export function projectNotFound(id: string): ApiError {
  return new ApiError('project-not-found', `There is no project "${id}".`)
}
