import type { AITimeout } from '../contract/chat.ts'
import { AIError } from '../errors/ai-error.ts'

/** How long a provider that was aborted may take to return what it has, in milliseconds. */
const ABORT_GRACE_MS = 50

/** The caller's signal and the timeouts of one call, including all attempts. Dispose of it when the call ends. */
export type Deadline = Disposable & {
  /** Aborts when the caller aborts or a timeout of the call is exceeded. */
  readonly signal: AbortSignal
  /** Returns the error of the timeout that was exceeded, if any. */
  readonly exceeded: () => AIError | undefined
  /**
   * Makes one attempt. Settles like the promise of `run`, or rejects when the call is aborted or times out, even if the
   * provider ignores its signal. The result of the promise is then ignored.
   *
   * @throws AIError `aborted`, or `timeout` that names the timeout
   */
  readonly attempt: <T>(run: (options: AttemptOptions) => Promise<T>) => Promise<T>
  /** Makes one attempt that yields several items, and waits for the first. @throws like `attempt` */
  readonly iterate: <T>(run: (options: AttemptOptions) => AsyncIterable<T>) => Promise<Started<T>>
}

/** Parameters of a provider for one attempt. */
export type AttemptOptions = {
  /** Aborts when the caller aborts or any timeout is exceeded. */
  readonly signal: AbortSignal
  /** Ends the `connect` timeout. */
  readonly onConnect: () => void
}

/** An iteration whose first item has arrived: a failure before it can be retried, a later one can't. */
export type Started<T> = {
  readonly first: IteratorResult<T>
  /** @throws like `attempt` */
  readonly next: () => Promise<IteratorResult<T>>
  /** Ends the iteration, without waiting for a provider that ignores its signal. */
  readonly close: () => Promise<void>
}

/** Starts the timeouts of a call. */
export function createDeadline(caller: AbortSignal | undefined, timeout: AITimeout = {}): Deadline {
  const call = new AbortController()
  const abort = () => call.abort(aborted('The call was aborted.', caller))
  if (caller?.aborted) abort()
  else caller?.addEventListener('abort', abort, { once: true })
  const total = startTimer('total', timeout, call)
  const stoppable = caller !== undefined || Object.values(timeout).some((ms) => ms !== undefined)
  const begin = () => {
    if (!call.signal.aborted) return beginAttempt(call, timeout, stoppable)
    throw timeoutOf(call.signal) ?? aborted('The call was aborted before it started.', caller)
  }
  return {
    signal: call.signal,
    exceeded: () => timeoutOf(call.signal),
    attempt: async (run) => {
      using attempt = begin()
      return await attempt.wait(run(attempt.options))
    },
    iterate: async (run) => startIteration(begin(), run),
    [Symbol.dispose]: () => {
      clearTimeout(total)
      caller?.removeEventListener('abort', abort)
    },
  }
}

type Attempt = Disposable & {
  readonly options: AttemptOptions
  /** Waits for a promise, at most as long as the timeout allows. One wait at a time. */
  readonly wait: <T>(waiting: Promise<T>, name?: 'firstToken' | 'idle') => Promise<T>
}

/** `connect` aborts the attempt, the other timeouts abort the call. */
function beginAttempt(call: AbortController, timeout: AITimeout, stoppable: boolean): Attempt {
  const own = timeout.connect === undefined ? call : new AbortController()
  const signal = own === call ? call.signal : AbortSignal.any([call.signal, own.signal])
  const connect = startTimer('connect', timeout, own)
  const stopper = stoppable ? createStopper(signal) : undefined
  return {
    options: { signal, onConnect: () => clearTimeout(connect) },
    wait: (waiting, name) => {
      if (!stopper) return waiting
      return stopper.race(waiting, name && startTimer(name, timeout, call))
    },
    [Symbol.dispose]: () => {
      clearTimeout(connect)
      stopper?.[Symbol.dispose]()
    },
  }
}

/** Stops waiting when a signal aborts. One listener serves all waits, because a stream has one wait per chunk. */
function createStopper(signal: AbortSignal) {
  let giveUp: ((reason: unknown) => void) | undefined
  let graceEnd = Number.POSITIVE_INFINITY
  let grace: NodeJS.Timeout | undefined
  const onAbort = () => {
    graceEnd = performance.now() + ABORT_GRACE_MS
    grace = setTimeout(() => giveUp?.(signal.reason), ABORT_GRACE_MS)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return {
    race: <T>(waiting: Promise<T>, timer: NodeJS.Timeout | undefined): Promise<T> =>
      new Promise((resolve, reject) => {
        const settle = () => {
          clearTimeout(timer)
          giveUp = undefined
        }
        giveUp = (reason) => {
          settle()
          reject(reason)
        }
        if (signal.aborted && performance.now() >= graceEnd) giveUp(signal.reason)
        waiting.then(
          (value) => {
            settle()
            resolve(value)
          },
          (error) => {
            settle()
            reject(signal.aborted ? signal.reason : error)
          },
        )
      }),
    [Symbol.dispose]: () => {
      clearTimeout(grace)
      signal.removeEventListener('abort', onAbort)
    },
  }
}

async function startIteration<T>(
  attempt: Attempt,
  run: (options: AttemptOptions) => AsyncIterable<T>,
): Promise<Started<T>> {
  const { signal, onConnect } = attempt.options
  let iterator: AsyncIterator<T> | undefined
  const close = async () => {
    attempt[Symbol.dispose]()
    const closed = iterator && closeIterator(iterator)
    if (!signal.aborted) await closed
  }
  try {
    const items = run(attempt.options)[Symbol.asyncIterator]()
    iterator = items
    const first = await attempt.wait(items.next(), 'firstToken')
    const exceeded = timeoutOf(signal)
    if (exceeded) throw exceeded // the provider obeyed its signal and returned the end of an aborted stream
    onConnect()
    return { first, next: () => attempt.wait(items.next(), 'idle'), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Waits briefly until an iterator is closed: it may never end. */
async function closeIterator(iterator: AsyncIterator<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timedOut = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ABORT_GRACE_MS)
  })
  const closed = async () => void (await iterator.return?.())
  await Promise.race([closed().catch(() => undefined), timedOut])
  clearTimeout(timer)
}

function startTimer(
  name: keyof AITimeout,
  { [name]: ms }: AITimeout,
  controller: AbortController,
): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(() => controller.abort(timedOut(name, ms)), ms)
}

function timedOut(name: keyof AITimeout, ms: number): AIError {
  const message = `The call exceeded its ${name} timeout of ${ms} ms.`
  return new AIError({ code: 'timeout', message, parameter: `timeout.${name}` })
}

function aborted(message: string, { reason }: { reason?: unknown } = {}): AIError {
  return new AIError({ code: 'aborted', message, cause: reason })
}

function timeoutOf({ reason }: AbortSignal): AIError | undefined {
  return reason instanceof AIError && reason.code === 'timeout' ? reason : undefined
}
