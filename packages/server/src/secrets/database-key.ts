import type { Kysely } from 'kysely'
import type { Schema } from '../db/schema.ts'
import { settingOrElse } from '../db/settings.ts'
import type { Keys } from './keys.ts'

const SETTING = 'encryption-key-id'

/**
 * Servers on one database must have one key: the first writes down which it is, and one with another does not start. It
 * would store credentials that the others cannot read, and refuse their tokens.
 *
 * @throws Error that says what to give
 */
export async function checkDatabaseKey(db: Kysely<Schema>, keys: Keys): Promise<void> {
  const id = await settingOrElse(db, SETTING, keys.current.id)
  if (keys.find(id)) return
  throw new Error(
    `The credentials of this database are encrypted with the key ${id}, and this server has ${keys.current.id}. Give ` +
      'all servers of a database the same AP_ENCRYPTION_KEY; for a change of keys, the one before goes into ' +
      `AP_ENCRYPTION_KEYS_OLD. If that key is lost, delete the row "${SETTING}" of the table "setting" and save every ` +
      'connection anew.',
  )
}

/** After a rotation: from now on servers must have the current key. */
export async function recordDatabaseKey(db: Kysely<Schema>, keys: Keys): Promise<void> {
  const value = keys.current.id
  await db
    .insertInto('setting')
    .values({ name: SETTING, value })
    .onConflict((on) => on.column('name').doUpdateSet({ value }))
    .execute()
}
