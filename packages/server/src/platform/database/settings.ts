import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

export async function readSetting(db: Kysely<Schema>, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}

/** The value of a setting. Stores the given one if there is none yet: the first writer wins. */
export async function settingOrElse(db: Kysely<Schema>, name: string, value: string): Promise<string> {
  await db
    .insertInto('setting')
    .values({ name, value })
    .onConflict((on) => on.column('name').doNothing())
    .execute()
  return (await readSetting(db, name)) ?? value
}
