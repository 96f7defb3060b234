import { type Kysely, sql } from 'kysely'
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
  readonly areHeard: () => boolean
}

/** The receiving end, which the database's driver feeds. */
export type ChangeFeed = Changes & {
  readonly received: (payload: string) => void
  /** The connection for changes is lost, or is back. */
  readonly connected: (isConnected: boolean) => void
}

/** The channel of PostgreSQL's LISTEN and NOTIFY. */
export const CHANNEL = 'ai_provider_server'

export function changeFeed(): ChangeFeed {
  const listeners = new Map<string, ((key: string | undefined) => void)[]>()
  let heard = true
  return {
    on: (topic, listener) => void listeners.set(topic, [...(listeners.get(topic) ?? []), listener]),
    areHeard: () => heard,
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
export async function announce(trx: Kysely<Schema>, topic: Topic, key: string): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${`${topic} ${key}`})`.execute(trx)
}

/** For a migration: makes what `announceChangesOf` needs. */
export async function createAnnouncer(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function announce_change() returns trigger language plpgsql as $$
    declare
      quiet text[] := tg_argv[1]::text[];
    begin
      if tg_op = 'UPDATE' and to_jsonb(new) - quiet = to_jsonb(old) - quiet then
        return null;
      end if;
      perform pg_notify(${sql.lit(CHANNEL)}, tg_table_name || ' ' || (to_jsonb(coalesce(new, old)) ->> tg_argv[0]));
      return null;
    end $$`.execute(db)
}

/**
 * For a migration: lets the database announce every change of a table when it is committed, whoever makes it: a server,
 * the rotation of keys, or somebody at a prompt.
 *
 * @param key the column that names the row
 * @param quiet columns that no server keeps in memory: a change of these alone is not worth telling
 */
export async function announceChangesOf(
  db: Kysely<unknown>,
  table: Topic,
  key: string,
  quiet: readonly string[] = [],
): Promise<void> {
  await sql`
    create trigger announce after insert or update or delete on ${sql.table(table)} for each row
    execute function announce_change(${sql.lit(key)}, ${sql.lit(`{${quiet.join(',')}}`)})`.execute(db)
}
