import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { ApiError } from '../http/errors.ts'

/** Slows down who guesses the admin key. */
export type Attempts = {
  /**
   * Lets one try to be made. What comes true costs nothing, what does not counts.
   *
   * @param address of the caller
   * @throws ApiError 429 `too-many-attempts` when too many tries were wrong, of this address or of all
   */
  readonly tryKey: (address: string, isRight: () => boolean) => Promise<boolean>
}

/**
 * Counted before the key is looked at, so that tries at the same time count too. Right keys wait as well: one that were
 * let through would tell a guesser that it is right. Sessions go on.
 *
 * @param most wrong tries a minute of one address; of all ten times as many
 */
export function limitAttempts(most: number): Attempts {
  const ofAddress = new RateLimiterMemory({ points: most, duration: 60 })
  const ofAll = new RateLimiterMemory({ points: most * 10, duration: 60 })

  return {
    async tryKey(address, isRight) {
      await ofAddress.consume(address).catch(refuse)
      await ofAll.consume('all').catch(refuse)
      if (!isRight()) return false
      await Promise.all([ofAddress.reward(address), ofAll.reward('all')])
      return true
    },
  }
}

function refuse(reason: unknown): never {
  if (!(reason instanceof RateLimiterRes)) throw reason
  const seconds = Math.max(1, Math.ceil(reason.msBeforeNext / 1000))
  const words = `Too many wrong admin keys were tried. Try again in ${seconds} seconds.`
  throw new ApiError('too-many-attempts', words, { retryAfter: seconds })
}
