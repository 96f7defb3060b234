/** Cache lifetime in milliseconds of a monotonic clock. */
const CACHE_TTL_MS = 10_000

/**
 * Caches a value of the database for a short time. `get` returns no promise if the value is fresh.
 *
 * @param load loads the value; concurrent callers share one call
 */
export function createSnapshot<T>(load: () => Promise<T>): { get: () => T | Promise<T>; forget: () => void } {
  let kept: { value: T; expires: number } | undefined
  let loading: Promise<T> | undefined

  const reload = (): Promise<T> => {
    const current: Promise<T> = load().then(
      (value): T | Promise<T> => {
        // After a change during the load, the value is stale and is loaded again.
        if (loading !== current) return loading ?? reload()
        kept = { value, expires: performance.now() + CACHE_TTL_MS }
        loading = undefined
        return value
      },
      (error: unknown) => {
        if (loading === current) loading = undefined
        throw error
      },
    )
    loading = current
    return current
  }

  return {
    get: () => (kept && kept.expires > performance.now() ? kept.value : (loading ?? reload())),
    forget() {
      kept = undefined
      loading = undefined
    },
  }
}
