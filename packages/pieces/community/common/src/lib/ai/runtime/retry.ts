import { AIError } from '../errors/ai-error.ts'

/** How often a call that failed for a passing reason is tried again, unless the caller says. */
const MAX_RETRIES = 2
/** A vendor that asks for a longer wait gets none: the caller is told at once. */
const MAX_RETRY_DELAY_SECONDS = 60

/**
 * Runs `call`, and again when it fails for a reason that may pass, after the wait that the vendor asks for or else a
 * growing one. The vendors' SDKs are told not to retry: only here is known which errors may pass, and whether any output
 * has been delivered.
 *
 * @param read makes an AIError of whatever `call` throws
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
          new AIError({ code: 'aborted', message: 'The call was aborted while it waited to try again.', cause: error }),
        )
    }
  }
}

/** About 0.5, 1, 2 … seconds, at most 8, a quarter of it random so that callers do not come back in step. */
function backoffSeconds(attempt: number): number {
  return Math.min(0.5 * 2 ** attempt, 8) * (1 - Math.random() / 4)
}

/** Resolves after the wait, or at once when the signal aborts. */
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
