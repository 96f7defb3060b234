import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { ApiError } from '../platform/errors.ts'

/** Limits attempts to guess the admin key. */
export type AttemptLimiter = {
  /**
   * Checks one key. Only wrong keys count.
   *
   * @param address of the caller
   * @throws ApiError 429 `too-many-attempts` after too many wrong keys from this address, or from all
   */
  readonly tryKey: (address: string, isRight: () => boolean) => Promise<boolean>
}

/** How long an address stays known after its last correct key, in milliseconds. */
const KNOWN_FOR_MS = 24 * 3_600_000

const MAX_KNOWN_ADDRESSES = 10_000

/**
 * For an unknown address, an attempt counts before the key is checked, so that concurrent attempts count too. Above the limit,
 * even the correct key is refused: accepting it would reveal that it is correct. From an address that recently sent the
 * correct key, only wrong keys are refused, so that others with the same address can't lock its owner out.
 *
 * @param limit wrong keys per minute and address; ten times as many for all addresses together
 */
export function createAttemptLimiter(limit: number): AttemptLimiter {
  const perAddress = new RateLimiterMemory({ points: limit, duration: 60 })
  const overall = new RateLimiterMemory({ points: limit * 10, duration: 60 })
  const known = createKnownAddresses()

  const count = async (address: string) => {
    await perAddress.consume(address).catch(refuse)
    await overall.consume('all').catch(refuse)
  }

  return {
    async tryKey(address, isRight) {
      if (known.has(address)) {
        const right = isRight()
        if (right) known.add(address)
        else await count(address)
        return right
      }
      await count(address)
      if (!isRight()) return false
      known.add(address)
      await Promise.all([perAddress.reward(address), overall.reward('all')])
      return true
    },
  }
}

/** Addresses that recently sent the correct key. The least recent one is evicted. */
function createKnownAddresses() {
  const lastSuccess = new Map<string, number>()
  return {
    has: (address: string) => performance.now() - (lastSuccess.get(address) ?? Number.NEGATIVE_INFINITY) < KNOWN_FOR_MS,
    add(address: string) {
      lastSuccess.delete(address)
      lastSuccess.set(address, performance.now())
      const [oldest] = lastSuccess.keys()
      if (lastSuccess.size > MAX_KNOWN_ADDRESSES && oldest !== undefined) lastSuccess.delete(oldest)
    },
  }
}

function refuse(reason: unknown): never {
  if (!(reason instanceof RateLimiterRes)) throw reason
  const seconds = Math.max(1, Math.ceil(reason.msBeforeNext / 1000))
  const words = `Too many wrong admin keys were tried. Try again in ${seconds} seconds.`
  throw new ApiError('too-many-attempts', words, { retryAfter: seconds })
}
