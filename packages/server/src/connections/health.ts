import type { ConnectionStatus } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import type { Schema } from '../db/schema.ts'
import type { ConnectionRow } from './rows.ts'

/**
 * Notes how a connection is, as a check or a real call has shown. A connection that is gone is left alone.
 *
 * @param reason in plain words, never with a secret; null for `active`
 */
export async function setHealth(
  db: Kysely<Schema>,
  connectionId: string,
  status: ConnectionStatus,
  reason: string | null,
): Promise<ConnectionRow | undefined> {
  return db
    .updateTable('connection')
    .set({ status, status_reason: reason?.slice(0, 500) ?? null, checked_at: new Date() })
    .where('id', '=', connectionId)
    .returningAll()
    .executeTakeFirst()
}

/** Notes when a connection was last used for a call. An earlier time than the one that is known changes nothing. */
export async function setLastUsed(db: Kysely<Schema>, connectionId: string, at: Date): Promise<void> {
  await db
    .updateTable('connection')
    .set({ last_used_at: at })
    .where('id', '=', connectionId)
    .where((where) => where.or([where('last_used_at', 'is', null), where('last_used_at', '<', at)]))
    .execute()
}
