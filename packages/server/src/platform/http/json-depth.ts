/** Maximum nesting of arrays and objects in external input. Code that walks a value recurses that deep. */
export const MAX_JSON_DEPTH = 500

export function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((inner) => isDeeperThan(inner, depth - 1))
}
