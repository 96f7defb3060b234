import type { Kysely } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import type { Keys } from '../../platform/secrets/keys.ts'
import { sealedWith } from '../../platform/secrets/sealed.ts'
import type { Provider } from './provider.ts'
import { openHeaders, sealHeaders } from './sealed-headers.ts'

/** Progress of a rotation. */
export type Rotation = { readonly all: number; readonly done: number; readonly unreadable: readonly string[] }

/**
 * Encrypts every stored secret with the current key, row by row, and only if the row has not changed since it was read. A
 * server with both keys may run at the same time. Rows that are not reached stay readable with the older key.
 *
 * @param onStep called after each row
 */
export async function rotate(
  db: Kysely<Schema>,
  keys: Keys,
  providers: readonly Provider[],
  onStep: (rotation: Rotation) => void,
): Promise<Rotation> {
  const rows = await db.selectFrom('connection').select(['id', 'slug', 'provider', 'headers']).orderBy('slug').execute()
  const old = rows.filter(({ headers }) => sealedWith(headers) !== keys.current.id)
  let rotation: Rotation = { all: old.length, done: 0, unreadable: [] }
  for (const row of old) {
    const { all, done, unreadable } = rotation
    try {
      const provider = providers.find(({ value }) => value === row.provider)
      const sealed = await sealHeaders(keys, row.id, await openHeaders(keys, row), provider)
      const same = { id: row.id, headers: row.headers }
      await db
        .updateTable('connection')
        .set(sealed)
        .where((where) => where.and(same))
        .execute()
      rotation = { all, done: done + 1, unreadable }
    } catch {
      rotation = { all, done, unreadable: [...unreadable, row.slug] }
    }
    onStep(rotation)
  }
  return rotation
}
