import type { ProxyTarget } from '../domain/connections/target.ts'
import { ApiError } from '../platform/errors.ts'

/**
 * Builds the vendor's path for a call: the tail of the caller's URL is appended to the base path, never resolved against it,
 * and its query stays unchanged.
 *
 * @param tail the raw URL after the connection, starting with a slash
 * @throws ApiError 400 `bad-path` for a tail that could lead outside of the base URL
 */
export function vendorPath(target: ProxyTarget, tail: string): string {
  const paths = pathCacheOf(target)
  const known = paths.get(tail)
  if (known !== undefined) return known
  const path = checkedPath(target, tail)
  if (paths.size < MAX_CACHED && tail.length < 200) paths.set(tail, path)
  return path
}

/** Cached paths per target: a vendor's API has few paths. */
const MAX_CACHED = 50
const pathsOf = new WeakMap<ProxyTarget, Map<string, string>>()

function pathCacheOf(target: ProxyTarget): Map<string, string> {
  const found = pathsOf.get(target)
  if (found) return found
  const paths = new Map<string, string>()
  pathsOf.set(target, paths)
  return paths
}

function checkedPath({ origin, basePath }: ProxyTarget, tail: string): string {
  const queryAt = tail.indexOf('?')
  const path = queryAt < 0 ? tail : tail.slice(0, queryAt)
  if (!/^[\x21-\x7e]*$/.test(tail) || tail.includes('#')) throw badPath('characters that are not allowed in a URL')
  checkSteps(path)
  const whole = basePath + tail
  const parsed = new URL(origin + whole)
  if (parsed.origin !== origin || !parsed.pathname.startsWith(basePath + path))
    throw badPath('a form that URL parsers would change')
  return whole
}

/** Checks the path as it is and after repeated decoding, as hosts behind gateways may decode it. */
function checkSteps(path: string): void {
  for (let current = path, round = 0; ; round++) {
    const problem = findProblem(current)
    if (problem) throw badPath(problem)
    const next = decode(current)
    if (next === undefined && round === 0) throw badPath('an invalid encoding')
    if (next === undefined || next === current) return
    if (round === 3) throw badPath('characters that are encoded more than three times')
    current = next
  }
}

function findProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'no leading slash'
  if (path.includes('//')) return 'an empty segment (//)'
  if (path.includes('\\')) return 'a backslash'
  if (/^\/[a-z][a-z0-9+.-]*:\//i.test(path)) return 'a URL in it'
  if (path.split('/').some((segment) => /^\.{1,2}(;.*)?$/.test(segment))) return 'a dot segment'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a path must not contain these
  if (/[\x00-\x1f\x7f]/.test(path)) return 'control characters'
  return undefined
}

function decode(path: string): string | undefined {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function badPath(what: string): ApiError {
  const words = `The path after the connection has ${what}. It must be a plain path of the vendor's API, e.g. /v1/models.`
  return new ApiError('bad-path', words)
}
