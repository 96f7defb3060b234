import type { Socket } from 'node:net'
import type { Pieces } from './domain/pieces/pieces.ts'
import type { Database } from './platform/database/database.ts'
import type { App } from './platform/http/app.ts'
import type { ProxyMeter } from './proxy/meter.ts'
import type { Traces } from './proxy/metering/traces.ts'
import type { Pools } from './proxy/pools.ts'

export type ShutdownParts = {
  readonly refuseNew: () => void
  readonly pieces: Pick<Pieces, 'close'>
  readonly pools: Pick<Pools, 'destroy'>
  readonly meter: Pick<ProxyMeter, 'flush'>
  readonly database: Pick<Database, 'close'>
  readonly traces: Pick<Traces, 'close'> | undefined
  /** How long running calls may take to end. */
  readonly timeoutMs: number
}

/** Returns a function that stops the server. It can be called more than once. */
export function createShutdown(app: App, parts: ShutdownParts): () => Promise<void> {
  const dropUnused = unusedSockets(app)
  let running: Promise<void> | undefined
  const run = async () => {
    parts.refuseNew()
    parts.pieces.close()
    dropUnused()
    const timer = setTimeout(() => app.server.closeAllConnections(), parts.timeoutMs)
    await app.close()
    clearTimeout(timer)
    await parts.pools.destroy()
    await parts.meter.flush()
    await parts.database.close()
    // Last: a collector that does not respond must not delay anything else.
    await parts.traces?.close()
  }
  return () => {
    running ??= run()
    return running
  }
}

/** Closes sockets that never sent a byte: Node treats them as busy, and closing the server would wait for them. */
function unusedSockets(app: App): () => void {
  const open = new Set<Socket>()
  app.server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
}
