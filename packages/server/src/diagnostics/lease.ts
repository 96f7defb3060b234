import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../platform/database/schema.ts'

/**
 * Reserves a connection for one diagnostics run, across all servers on the database and by the database's clock. The
 * lease of a server that was killed expires after `maxDurationMs`.
 *
 * @returns releases the lease; undefined if a run is in progress
 */
export async function acquireDiagnosticsLease(
  db: Kysely<Schema>,
  connectionId: string,
  maxDurationMs: number,
): Promise<(() => Promise<void>) | undefined> {
  const name = `doctor-visit:${connectionId}`
  const lease = randomUUID()
  const { rows } = await sql`insert into setting (name, value)
    values (${name}, extract(epoch from now() + ${`${maxDurationMs} milliseconds`}::interval)::text || ' ' || ${lease}::text)
    on conflict (name) do update set value = excluded.value
      where split_part(setting.value, ' ', 1)::numeric < extract(epoch from now())
    returning name`.execute(db)
  if (rows.length === 0) return undefined
  return async () => {
    await db.deleteFrom('setting').where('name', '=', name).where('value', 'like', `% ${lease}`).execute()
  }
}
