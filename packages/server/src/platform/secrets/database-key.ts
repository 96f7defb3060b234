import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { readSetting, settingOrElse } from '../database/settings.ts'
import { createKeyFile, keyFile, readKeyFile } from './key-file.ts'
import { createKeyring, type Keys } from './keys.ts'
import { sealedWith } from './sealed.ts'
import { type Secret, secret } from './secret.ts'

/** Source of the master keys. */
export type KeySource = {
  readonly dataDir: string
  /** The current master key. Without it, the keys are those of `<dataDir>/encryption.key`. */
  readonly encryptionKey?: Buffer | Secret<Buffer> | undefined
  /** Previous master keys, still used to decrypt. */
  readonly oldEncryptionKeys: readonly Secret<Buffer>[]
}

const SETTING = 'encryption-key-id'

/**
 * Loads the keyring of a database. An empty database is bound to the key of this server, which is generated if there is none.
 * From then on, every server on the database needs that key: with another one it could not decrypt the credentials, and
 * would store credentials that the others can't decrypt.
 *
 * @throws Error that says how to provide the key
 */
export async function loadDatabaseKeys(db: Kysely<Schema>, source: KeySource): Promise<Keys> {
  const id = (await readSetting(db, SETTING)) ?? (await newestKeyId(db))
  const given = await masterKeys(source)
  if (given.length === 0 && id !== undefined)
    throw wrongKey(id, `no key: ${keyFile(source.dataDir)} is missing`, source)
  const keys = createKeyring(given.length > 0 ? given : await createKeyFile(source.dataDir))
  const agreed = await settingOrElse(db, SETTING, id ?? keys.current.id)
  if (!keys.find(agreed)) throw wrongKey(agreed, keys.current.id, source)
  return keys
}

/** Loads the master keys without checking the database. Empty if no key is configured and there is no key file. */
export async function masterKeys({ dataDir, encryptionKey, oldEncryptionKeys }: KeySource): Promise<Secret<Buffer>[]> {
  const current = encryptionKey === undefined ? await readKeyFile(dataDir) : [secret(encryptionKey)]
  return current.length === 0 ? [] : [...current, ...oldEncryptionKeys]
}

/** Binds the database to the current key, after a rotation. */
export async function recordDatabaseKey(db: Kysely<Schema>, keys: Keys): Promise<void> {
  const value = keys.current.id
  await db
    .insertInto('setting')
    .values({ name: SETTING, value })
    .onConflict((on) => on.column('name').doUpdateSet({ value }))
    .execute()
}

/** Key id of the newest credential: earlier versions did not store a setting for an embedded database. */
async function newestKeyId(db: Kysely<Schema>): Promise<string | undefined> {
  const row = await db.selectFrom('connection').select('headers').orderBy('updated', 'desc').executeTakeFirst()
  return row && sealedWith(row.headers)
}

function wrongKey(id: string, has: string, { dataDir }: KeySource): Error {
  return new Error(
    `The credentials of this database are encrypted with the key ${id}, and this server has ${has}. Restore ` +
      `${keyFile(dataDir)} from your backup, or set AP_ENCRYPTION_KEY to that key. All servers of a database need the ` +
      'same AP_ENCRYPTION_KEY; after a change, the previous key belongs in AP_ENCRYPTION_KEYS_OLD. If the key is lost, ' +
      'run "npm run keys:rotate -- --key-lost" and enter the API key of every connection again.',
  )
}
