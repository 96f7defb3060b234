import type { ConnectionStatus } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import { storable } from '../../platform/database/storable.ts'
import type { ConnectionRow } from './rows.ts'

/** Health of a connection, as a test or a real call showed it. The reason is plain text without secrets, null for `active`. */
export type Health = { readonly status: ConnectionStatus; readonly reason: string | null }

/** The columns for a health; `unknown` if there is none. */
export function healthColumns(health: Health | undefined) {
  if (!health) return { status: 'unknown' as const, status_reason: null, checked_at: null }
  return {
    status: health.status,
    status_reason: storable(health.reason?.slice(0, 500) ?? null),
    checked_at: new Date(),
  }
}

/** Stores the health of a connection. Does nothing if the connection no longer exists. */
export async function setHealth(
  db: Kysely<Schema>,
  connectionId: string,
  health: Health,
): Promise<ConnectionRow | undefined> {
  return db
    .updateTable('connection')
    .set(healthColumns(health))
    .where('id', '=', connectionId)
    .returningAll()
    .executeTakeFirst()
}

/**
 * Records that a connection was used, and what the call showed about it. Ignores a use that is older than the recorded
 * one. Writes an unchanged status at most once a second.
 */
export async function recordUse(
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
