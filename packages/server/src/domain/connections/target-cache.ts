import { randomUUID } from 'node:crypto'
import type { ProxyTarget } from './target.ts'

/** Where calls go, kept in memory for a short time: it stands before every call. */
export type TargetCache = {
  /** From memory where that is fresh; else what `load` gives. */
  readonly find: (address: string) => ProxyTarget | Promise<ProxyTarget | undefined>
  /** Lets a target be called at an address of its own, until `end`: for a try of what is not stored. */
  readonly registerTemporaryTarget: (provider: string, target: ProxyTarget) => { address: string; end: () => void }
  /** Reads everything anew at the next call: something beside it has changed. */
  readonly forget: () => void
}

/** How long a decrypted credential stays in memory, in milliseconds of a monotonic clock. */
const KEPT = 10_000

export function createTargetCache(load: (address: string) => Promise<ProxyTarget | undefined>): TargetCache {
  const kept = new Map<string, { target: ProxyTarget; expires: number }>()
  const temporary = new Map<string, ProxyTarget>()
  let generation = 0

  const loadAndKeep = async (address: string) => {
    // From the URL of a call, which no schema has checked.
    if (address.includes('\0')) return undefined
    const before = generation
    const target = await load(address)
    // A change while this was read makes it stale: it may be used once, not kept.
    if (target && before === generation) kept.set(address, { target, expires: performance.now() + KEPT })
    return target
  }

  return {
    find(address) {
      const known = kept.get(address)
      if (known && known.expires > performance.now()) return known.target
      return temporary.get(address) ?? loadAndKeep(address)
    },
    registerTemporaryTarget(provider, target) {
      const address = `${provider}@try-${randomUUID()}`
      temporary.set(address, { ...target, trial: true })
      return { address, end: () => void temporary.delete(address) }
    },
    forget() {
      generation++
      kept.clear()
    },
  }
}
