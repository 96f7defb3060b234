import { type Kysely, sql } from 'kysely'
import { CHANNEL } from './migrations/announced-changes.ts'
import type { Schema } from './schema.ts'

/** Tables whose rows servers cache. All servers are notified of their changes. */
export type Topic = 'connection' | 'drill' | 'project' | 'allowed_origin' | 'spend'

/** Notifications of changes in the database, by any server. */
export type Changes = {
  /**
   * Calls the listener within a second of every committed change of the table, with the key of the row. After a
   * reconnect, calls it without a key: notifications may be lost, so the listener must clear its whole cache. While
   * disconnected, cached rows live until they expire.
   */
  readonly on: (topic: Topic, listener: (key: string | undefined) => void) => void
  /** Whether the connection for notifications is open. */
  readonly isConnected: () => boolean
}

/** The receiving end, fed by the database driver. */
export type ChangeFeed = Changes & {
  readonly received: (payload: string) => void
  /** Called when the connection for notifications is lost or restored. */
  readonly setConnected: (isConnected: boolean) => void
}

export function createChangeFeed(): ChangeFeed {
  const listeners = new Map<string, ((key: string | undefined) => void)[]>()
  let connected = true
  return {
    on: (topic, listener) => void listeners.set(topic, [...(listeners.get(topic) ?? []), listener]),
    isConnected: () => connected,
    received(payload) {
      const [topic = '', ...key] = payload.split(' ')
      for (const listener of listeners.get(topic) ?? []) listener(key.join(' '))
    },
    setConnected(isConnected) {
      connected = isConnected
      if (isConnected) for (const listener of [...listeners.values()].flat()) listener(undefined)
    },
  }
}

/** Notifies all servers when the transaction is committed, for changes without a trigger. */
export async function notifyChange(trx: Kysely<Schema>, topic: Topic, key: string): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${`${topic} ${key}`})`.execute(trx)
}
