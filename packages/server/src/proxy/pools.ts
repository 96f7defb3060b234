import { Pool } from 'undici'
import type { Guard } from '../domain/outbound/guard.ts'
import type { Config } from '../platform/config.ts'

/** Keep-alive connections to the vendors, one pool per origin. */
export type Pools = {
  readonly get: (origin: string) => Pool
  /** Makes new calls to this origin, or to all, use new connections. Running calls are not interrupted. */
  readonly forget: (origin?: string) => void
  /** Closes every connection. */
  readonly destroy: () => Promise<void>
}

type PoolSettings = Pick<Config, 'timeouts' | 'limits'>

const MAX_ORIGINS = 256

export function createPools({ timeouts, limits }: PoolSettings, guard: Guard): Pools {
  const pools = new Map<string, Pool>()

  /** Evicts the least recently used pool. Its running calls are not interrupted. */
  const makeRoom = () => {
    const [oldest] = pools
    if (pools.size < MAX_ORIGINS || !oldest) return
    pools.delete(oldest[0])
    oldest[1].close().catch(() => {})
  }

  return {
    get(origin) {
      const known = pools.get(origin)
      if (known && pools.size < MAX_ORIGINS / 2) return known
      if (!known) makeRoom()
      const pool = known ?? createPool(origin, { timeouts, limits }, guard)
      pools.delete(origin)
      pools.set(origin, pool)
      return pool
    },
    forget(origin) {
      for (const [name, pool] of pools) {
        if (origin !== undefined && origin !== name) continue
        pool.close().catch(() => {})
        pools.delete(name)
      }
    },
    async destroy() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

function createPool(origin: string, { timeouts, limits }: PoolSettings, guard: Guard): Pool {
  return new Pool(origin, {
    connect: guard.connector(origin, timeouts.connect),
    maxHeaderSize: limits.headerBytes,
    headersTimeout: timeouts.firstByte,
    bodyTimeout: timeouts.idle,
  })
}
