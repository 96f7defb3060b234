import { AIError } from '../errors/ai-error.ts'

/** Default number of retries. */
const MAX_RETRIES = 2
/** If the vendor asks for a longer delay, the call fails immediately. */
const MAX_RETRY_DELAY_SECONDS = 60

/**
 * Runs `call`, and retries after temporary failures: after the delay that the vendor asks for, or with exponential backoff.
 * The SDKs' own retries are disabled, because only this code knows which errors are temporary and whether output has been
 * delivered.
 *
 * @param read converts whatever `call` throws to an AIError
 */
export async function retrying<T>(
  call: () => Promise<T>,
  read: (thrown: unknown) => AIError,
  { signal, retries = MAX_RETRIES }: { signal?: AbortSignal | undefined; retries?: number | undefined } = {},
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call()
    } catch (thrown) {
      const error = read(thrown)
      const wait = error.retryAfter ?? backoffSeconds(attempt)
      const again = error.retryable && attempt < retries && wait <= MAX_RETRY_DELAY_SECONDS && !signal?.aborted
      if (!again) throw error
      await sleep(wait * 1000, signal)
      if (signal?.aborted)
        throw read(
          new AIError({ code: 'aborted', message: 'The call was aborted while waiting to retry.', cause: error }),
        )
    }
  }
}

/** Returns 0.5, 1, 2 … seconds, at most 8, with up to 25 % jitter. */
function backoffSeconds(attempt: number): number {
  return Math.min(0.5 * 2 ** attempt, 8) * (1 - Math.random() / 4)
}

/** Resolves after the delay, or as soon as the signal aborts. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal?.addEventListener('abort', finish)
  })
}
