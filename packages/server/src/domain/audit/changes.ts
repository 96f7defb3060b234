import type { AuditEntry } from '@activepieces/contract'
import type { Kysely, Selectable } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'

/** Lists audit rows below the cursor, newest first. */
export async function listChanges(
  db: Kysely<Schema>,
  { limit, cursor }: { limit: number; cursor?: number | undefined },
) {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .$if(cursor !== undefined, (query) => query.where('id', '<', cursor ?? 0))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const data = rows.slice(0, limit).map(toEntry)
  return { data, next: rows.length > limit ? (data.at(-1)?.id ?? null) : null }
}

function toEntry({ id, at, who, action, target, before, after, request_id }: Selectable<Schema['audit']>): AuditEntry {
  return {
    id: String(id),
    at: at.toISOString(),
    who,
    action,
    target,
    before: before === null ? null : JSON.parse(before),
    after: after === null ? null : JSON.parse(after),
    requestId: request_id,
  }
}
