import { Pool } from 'undici'
import type { ProxyTimeouts } from '../config.ts'

/** Kept-alive connections to the vendors, one pool an origin. */
export type Pools = {
  readonly get: (origin: string) => Pool
  /** Cuts every connection. */
  readonly destroy: () => Promise<void>
}

const MOST_ORIGINS = 256

export function createPools(timeouts: ProxyTimeouts): Pools {
  const pools = new Map<string, Pool>()

  /** What was used least recently goes first; its running calls end in peace. */
  const makeRoom = () => {
    const [oldest] = pools
    if (pools.size < MOST_ORIGINS || !oldest) return
    pools.delete(oldest[0])
    oldest[1].close().catch(() => {})
  }

  return {
    get(origin) {
      const known = pools.get(origin)
      if (known && pools.size < MOST_ORIGINS / 2) return known
      if (!known) makeRoom()
      const pool = known ?? newPool(origin, timeouts)
      pools.delete(origin)
      pools.set(origin, pool)
      return pool
    },
    async destroy() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

function newPool(origin: string, timeouts: ProxyTimeouts): Pool {
  return new Pool(origin, {
    // HTTP/1.1 only: its reply comes as raw bytes and raw headers, which go on unchanged.
    allowH2: false,
    connect: { timeout: timeouts.connect },
    headersTimeout: timeouts.firstByte,
    bodyTimeout: timeouts.idle,
  })
}
