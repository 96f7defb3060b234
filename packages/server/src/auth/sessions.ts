import { randomBytes } from 'node:crypto'
import type { Session } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import { type Actor, recordChange } from '../platform/database/audit.ts'
import type { Schema } from '../platform/database/schema.ts'
import { hashKey, randomKey } from '../platform/secrets/keys.ts'

/** Sessions of signed-in browsers. */
export type Sessions = {
  /** Creates a session and returns the token for its cookie once: the database stores its hash. */
  readonly create: (requestId: string) => Promise<Session & { token: string }>
  /** Queries the database on every call, so that the end of a session takes effect immediately on all servers. */
  readonly find: (token: string) => Promise<Session | undefined>
  readonly remove: (id: string, by: Actor) => Promise<void>
}

/** Lifetime of a session, in milliseconds. */
export const SESSION_TTL_MS = 12 * 3_600_000

/** @param adminHash hash of the admin key: a changed key ends all sessions */
export function createSessions(db: Kysely<Schema>, adminHash: () => string): Sessions {
  const hashOf = (token: string) => hashKey(`${adminHash()} ${token}`)

  return {
    create: (requestId) =>
      db.transaction().execute(async (trx) => {
        const created = new Date()
        const expires = new Date(created.getTime() + SESSION_TTL_MS)
        const id = randomBytes(4).toString('hex')
        const token = randomKey('ap_session')
        await trx.deleteFrom('session').where('expires', '<', created).execute()
        await trx
          .insertInto('session')
          .values({ id, hash: hashOf(token), created, expires })
          .execute()
        const session = { id, expiresAt: expires.toISOString() }
        await recordChange(
          trx,
          { who: 'admin key', requestId },
          { action: 'session.create', target: id, after: session },
        )
        return { ...session, token }
      }),
    async find(token) {
      const row = await db
        .selectFrom('session')
        .select(['id', 'expires'])
        .where('hash', '=', hashOf(token))
        .where('expires', '>', new Date())
        .executeTakeFirst()
      return row && { id: row.id, expiresAt: row.expires.toISOString() }
    },
    remove: (id, by) =>
      db.transaction().execute(async (trx) => {
        await trx.deleteFrom('session').where('id', '=', id).execute()
        await recordChange(trx, by, { action: 'session.delete', target: id })
      }),
  }
}
