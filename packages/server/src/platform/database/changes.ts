import { type Kysely, sql } from 'kysely'
import { CHANNEL } from './migrations/announced-changes.ts'
import type { Schema } from './schema.ts'

/** Tables whose rows servers keep in memory: a change of one is told to all of them. */
export type Topic = 'connection' | 'drill' | 'project' | 'allowed_origin' | 'spend'

/** What other instances, and this one, have changed in the database. */
export type Changes = {
  /**
   * Calls the listener within a second of every committed change of the table, with the key of the row. Calls it without
   * a key when the connection for changes is back after a loss: some may have been missed, so drop everything in memory.
   * During the loss, what is in memory lives until it expires.
   */
  readonly on: (topic: Topic, listener: (key: string | undefined) => void) => void
  /** False while the connection for changes is lost. */
  readonly isConnected: () => boolean
}

/** The receiving end, which the database's driver feeds. */
export type ChangeFeed = Changes & {
  readonly received: (payload: string) => void
  /** The connection for changes is lost, or is back. */
  readonly connected: (isConnected: boolean) => void
}

export function createChangeFeed(): ChangeFeed {
  const listeners = new Map<string, ((key: string | undefined) => void)[]>()
  let heard = true
  return {
    on: (topic, listener) => void listeners.set(topic, [...(listeners.get(topic) ?? []), listener]),
    isConnected: () => heard,
    received(payload) {
      const [topic = '', ...key] = payload.split(' ')
      for (const listener of listeners.get(topic) ?? []) listener(key.join(' '))
    },
    connected(isConnected) {
      heard = isConnected
      if (isConnected) for (const listener of [...listeners.values()].flat()) listener(undefined)
    },
  }
}

/** Notifies all servers when the transaction is committed, for changes without a trigger. */
export async function notifyChange(trx: Kysely<Schema>, topic: Topic, key: string): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${`${topic} ${key}`})`.execute(trx)
}
