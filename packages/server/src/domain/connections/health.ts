import type { ConnectionStatus } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import { storable } from '../../platform/database/storable.ts'
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
    .set({ status, status_reason: storable(reason?.slice(0, 500) ?? null), checked_at: new Date() })
    .where('id', '=', connectionId)
    .returningAll()
    .executeTakeFirst()
}

/**
 * Notes that a connection was used, and what that has shown. An earlier use than the one that is known changes nothing;
 * what is known already is not written again for a second.
 */
export async function noteUse(
  db: Kysely<Schema>,
  use: { id: string; at: Date; status?: ConnectionStatus | undefined; reason: string | null },
): Promise<void> {
  const { id, at, status, reason } = use
  const health = status === undefined ? {} : { status, status_reason: storable(reason), checked_at: at }
  await db
    .updateTable('connection')
    .set({ last_used_at: at, ...health })
    .where('id', '=', id)
    .where((where) =>
      where.or([
        where('last_used_at', 'is', null),
        where('last_used_at', '<', new Date(at.getTime() - 1_000)),
        ...(status === undefined ? [] : [where('status', '!=', status).and('last_used_at', '<=', at)]),
      ]),
    )
    .execute()
}
