import type { Log } from '../platform/log.ts'

/** Logs a header that the proxy drops, by its name, the first time that it is dropped for a connection. */
export type DroppedHeaders = (
  log: Pick<Log, 'info'>,
  dropped: {
    readonly connection: string
    readonly direction: 'request' | 'response'
    readonly names: readonly string[]
  },
) => void

/** Callers choose the names: no more than this many are remembered, and logged, in the life of the process. */
const MAX_LOGGED = 1_000

export function createDroppedHeadersLog(): DroppedHeaders {
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
