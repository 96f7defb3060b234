/** Cache lifetime in milliseconds of a monotonic clock. */
const FRESH = 10_000

/**
 * What the database says, kept in memory for a short time: at once where it is fresh, else a promise.
 *
 * @param load reads it; asked once for all that wait
 */
export function createSnapshot<T>(load: () => Promise<T>): { get: () => T | Promise<T>; forget: () => void } {
  let kept: { value: T; expires: number } | undefined
  let loading: Promise<T> | undefined

  const reload = (): Promise<T> => {
    const mine: Promise<T> = load().then(
      (value): T | Promise<T> => {
        // A change while this was read makes it stale: it is read again.
        if (loading !== mine) return loading ?? reload()
        kept = { value, expires: performance.now() + FRESH }
        loading = undefined
        return value
      },
      (error: unknown) => {
        if (loading === mine) loading = undefined
        throw error
      },
    )
    loading = mine
    return mine
  }

  return {
    get: () => (kept && kept.expires > performance.now() ? kept.value : (loading ?? reload())),
    forget() {
      kept = undefined
      loading = undefined
    },
  }
}
