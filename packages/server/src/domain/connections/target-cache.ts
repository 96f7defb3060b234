import { randomUUID } from 'node:crypto'
import type { ProxyTarget } from './target.ts'

/** Caches the targets of calls for a short time, because every call needs one. */
export type TargetCache = {
  /** Returns the cached target if it is fresh, else a promise of what `load` returns. */
  readonly find: (address: string) => ProxyTarget | Promise<ProxyTarget | undefined>
  /** Makes a target that is not stored callable at an address of its own, until `end`. */
  readonly registerTemporaryTarget: (provider: string, target: ProxyTarget) => { address: string; end: () => void }
  /** Clears the cache after a change, which may come from another server. */
  readonly forget: () => void
}

/** How long a decrypted credential stays in memory, in milliseconds of a monotonic clock. */
const CACHE_TTL_MS = 10_000

export function createTargetCache(load: (address: string) => Promise<ProxyTarget | undefined>): TargetCache {
  const cached = new Map<string, { target: ProxyTarget; expires: number }>()
  const temporary = new Map<string, ProxyTarget>()
  let generation = 0

  const loadAndCache = async (address: string) => {
    // The address comes from the URL of a call, which no schema has checked.
    if (address.includes('\0')) return undefined
    const before = generation
    const target = await load(address)
    // After a change during the load, the target is stale: this call may use it, but it is not cached.
    if (target && before === generation) cached.set(address, { target, expires: performance.now() + CACHE_TTL_MS })
    return target
  }

  return {
    find(address) {
      const known = cached.get(address)
      if (known && known.expires > performance.now()) return known.target
      return temporary.get(address) ?? loadAndCache(address)
    },
    registerTemporaryTarget(provider, target) {
      const address = `${provider}@try-${randomUUID()}`
      temporary.set(address, { ...target, isTest: true })
      return { address, end: () => void temporary.delete(address) }
    },
    forget() {
      generation++
      cached.clear()
    },
  }
}
