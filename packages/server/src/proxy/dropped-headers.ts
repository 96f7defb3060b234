import type { Log } from '../platform/log.ts'

/** Logs the name of a dropped header, once per connection. */
export type LogDroppedHeaders = (
  log: Pick<Log, 'info'>,
  dropped: {
    readonly connection: string
    readonly direction: 'request' | 'response'
    readonly names: readonly string[]
  },
) => void

/** Callers choose the names, so only this many are remembered and logged per process. */
const MAX_LOGGED = 1_000

export function createDroppedHeadersLog(): LogDroppedHeaders {
  const logged = new Set<string>()
  return (log, { connection, direction, names }) => {
    const fresh = names.filter((name) => !logged.has(`${connection} ${direction} ${name}`))
    if (fresh.length === 0 || logged.size >= MAX_LOGGED) return
    for (const name of fresh) logged.add(`${connection} ${direction} ${name}`)
    log.info({ connection, headers: fresh }, REASONS[direction])
  }
}

const REASONS = {
  request: 'dropped request headers that callers may not send to this provider',
  response: 'dropped response headers that contain a stored credential',
} as const
