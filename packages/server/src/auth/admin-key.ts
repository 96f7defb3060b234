import type { Kysely } from 'kysely'
import type { Schema } from '../platform/database/schema.ts'
import { readSetting } from '../platform/database/settings.ts'
import { hashKey, matchesHash, randomKey } from '../platform/secrets/keys.ts'
import { Secret } from '../platform/secrets/secret.ts'

/** The key with access to everything but the proxy. The database stores only its hash. */
export type AdminKey = {
  readonly matches: (key: string) => boolean
  /** SHA-256 of the key, as hex. */
  readonly hash: () => string
  /**
   * Creates the key if the database has none, and stores its hash only after `show` returns: a key that nobody saw is
   * never valid. Does nothing if the key is configured or was shown at an earlier start.
   *
   * @param show displays the key; after an error, the next start creates another key
   */
  readonly issue: (show: (key: Secret<string>) => void | Promise<void>) => Promise<void>
}

const SETTING = 'admin-key-hash'

export async function loadAdminKey(db: Kysely<Schema>, configured: Secret<string> | undefined): Promise<AdminKey> {
  const created = randomKey('ap_admin')
  // Until the key is issued, this is the hash of a key that nobody knows.
  let hash = configured ? hashKey(configured.reveal()) : ((await readSetting(db, SETTING)) ?? hashKey(created))

  return {
    matches: (key) => matchesHash(key, hash),
    hash: () => hash,
    async issue(show) {
      if (configured || hash !== hashKey(created)) return
      hash = await db.transaction().execute(async (trx) => {
        // Other instances that start on the same empty database wait here until this transaction ends.
        const { numInsertedOrUpdatedRows: inserted } = await trx
          .insertInto('setting')
          .values({ name: SETTING, value: hash })
          .onConflict((on) => on.column('name').doNothing())
          .executeTakeFirstOrThrow()
        if (inserted === 1n) await show(new Secret(created))
        return (await readSetting(trx, SETTING)) ?? hash
      })
    },
  }
}
