import { randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../platform/database/schema.ts'

/**
 * Takes a connection for one visit, among all servers on the database. By the database's clock; a server that was killed
 * has it until the longest visit would be over.
 *
 * @param longest how long a visit may last, in milliseconds
 * @returns gives it back; undefined when somebody has it
 */
export async function acquireDiagnosticsLease(
  db: Kysely<Schema>,
  connectionId: string,
  longest: number,
): Promise<(() => Promise<void>) | undefined> {
  const name = `doctor-visit:${connectionId}`
  const mine = randomUUID()
  const { rows } = await sql`insert into setting (name, value)
    values (${name}, extract(epoch from now() + ${`${longest} milliseconds`}::interval)::text || ' ' || ${mine}::text)
    on conflict (name) do update set value = excluded.value
      where split_part(setting.value, ' ', 1)::numeric < extract(epoch from now())
    returning name`.execute(db)
  if (rows.length === 0) return undefined
  return async () => {
    await db.deleteFrom('setting').where('name', '=', name).where('value', 'like', `% ${mine}`).execute()
  }
}
