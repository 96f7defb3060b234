import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** The value of a setting; the given one is written first when there is none yet. The first writer wins. */
export async function settingOrElse(db: Kysely<Schema>, name: string, value: string): Promise<string> {
  await db
    .insertInto('setting')
    .values({ name, value })
    .onConflict((on) => on.column('name').doNothing())
    .execute()
  const row = await db.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirstOrThrow()
  return row.value
}
