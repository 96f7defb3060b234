import type { AITimeout } from './contract-chat.ts'
import { AIError } from './errors.ts'

/** The caller's signal and the `total` limit in one. */
export type Limits = {
  readonly signal: AbortSignal | undefined
  /** The error of the limit that has passed, where one has: it is why the call was aborted. */
  readonly passed: () => AIError | undefined
  /** Iterates with the `firstToken` and `idle` limits. */
  readonly watch: <T>(events: AsyncIterable<T>) => AsyncIterable<T>
} & Disposable

/** Sets the limits of a call. Dispose of it when the call is over. */
export function setLimits(signal: AbortSignal | undefined, timeout: AITimeout = {}): Limits {
  const { firstToken, idle, total } = timeout
  if (firstToken === undefined && idle === undefined && total === undefined) {
    return { signal, passed: () => undefined, watch: (events) => events, [Symbol.dispose]: () => {} }
  }
  const controller = new AbortController()
  let error: AIError | undefined
  const pass = (limit: keyof AITimeout, ms: number) => {
    const message = `The ${limit} limit of ${ms} ms has passed.`
    error ??= new AIError({ code: 'timeout', message, parameter: `timeout.${limit}` })
    controller.abort(error)
    return error
  }
  const timer = total === undefined ? undefined : setTimeout(() => pass('total', total), total)

  async function* watch<T>(events: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = events[Symbol.asyncIterator]()
    let limit: 'firstToken' | 'idle' = 'firstToken'
    try {
      for (;;) {
        const step = await race(iterator.next(), timeout[limit], (ms) => pass(limit, ms))
        if (step.done) return
        limit = 'idle'
        yield step.value
      }
    } finally {
      // Not awaited: a stalled iterator would never return.
      void iterator.return?.()?.catch(() => undefined)
    }
  }

  return {
    signal: signal ? AbortSignal.any([signal, controller.signal]) : controller.signal,
    passed: () => error,
    watch,
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}

/** Waits no longer than so many milliseconds; then `late` says what to throw. */
async function race<T>(waiting: Promise<T>, ms: number | undefined, late: (ms: number) => AIError): Promise<T> {
  if (ms === undefined) return await waiting
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(ms)), ms)
  })
  waiting.catch(() => undefined) // it rejects once more when the call is aborted
  return await Promise.race([waiting, tooLate]).finally(() => clearTimeout(timer))
}
