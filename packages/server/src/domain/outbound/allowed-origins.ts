import type { AllowedOrigin } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import { type Actor, PROGRAM, recordChange } from '../../platform/database/audit.ts'
import type { Schema } from '../../platform/database/schema.ts'

/** Origins that may have private addresses: configured ones, and those that admins allowed. */
export type AllowedOrigins = {
  readonly has: (origin: string) => Promise<boolean>
  readonly list: () => Promise<AllowedOrigin[]>
  /** Allows an origin. Does nothing if it is already allowed. */
  readonly add: (origin: string, by?: Actor) => Promise<AllowedOrigin>
  /** Returns false if no admin allowed the origin. Configured origins can't be removed. */
  readonly remove: (origin: string, by?: Actor) => Promise<boolean>
}

/**
 * Queried for each connection to a private address, so that a change takes effect immediately on all servers.
 *
 * @param configured origins; the port may be `*`
 */
export function createAllowedOrigins(db: Kysely<Schema>, configured: readonly string[]): AllowedOrigins {
  const byConfiguration = (origin: string) =>
    configured.includes(origin) || configured.includes(`${origin.replace(/:\d+$/, '')}:*`)
  const find = (origin: string) =>
    db.selectFrom('allowed_origin').selectAll().where('origin', '=', origin).executeTakeFirst()

  return {
    has: async (origin) => byConfiguration(origin) || (await find(origin)) !== undefined,
    async list() {
      const rows = await db.selectFrom('allowed_origin').selectAll().orderBy('origin').execute()
      return [
        ...configured.map((origin) => ({ origin, source: 'configuration' as const, created: null })),
        ...rows.map(toAllowedOrigin),
      ]
    },
    async add(origin, by = PROGRAM) {
      const created = new Date()
      await db.transaction().execute(async (trx) => {
        await trx
          .insertInto('allowed_origin')
          .values({ origin, created })
          .onConflict((on) => on.column('origin').doNothing())
          .execute()
        await recordChange(trx, by, { action: 'allowed-origin.add', target: origin, after: { origin } })
      })
      return toAllowedOrigin((await find(origin)) ?? { origin, created })
    },
    remove: (origin, by = PROGRAM) =>
      db.transaction().execute(async (trx) => {
        const { numDeletedRows } = await trx
          .deleteFrom('allowed_origin')
          .where('origin', '=', origin)
          .executeTakeFirst()
        if (numDeletedRows === 0n) return false
        await recordChange(trx, by, { action: 'allowed-origin.remove', target: origin, before: { origin } })
        return true
      }),
  }
}

function toAllowedOrigin({ origin, created }: { origin: string; created: Date }): AllowedOrigin {
  return { origin, source: 'admin', created: created.toISOString() }
}
