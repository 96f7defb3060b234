import type { Drill, drillBody } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import { type Actor, PROGRAM, recordChange } from '../../platform/database/audit.ts'
import type { Schema } from '../../platform/database/schema.ts'

/** Fault injections, at most one per connection. The API and the database call one a drill. */
export type FaultInjections = {
  /** Starts one and replaces the one in progress. Returns undefined if the connection does not exist. */
  readonly start: (slug: string, body: z.output<typeof drillBody>, by?: Actor) => Promise<Drill | undefined>
  /** Returns the one in progress, null if there is none, undefined if the connection does not exist. */
  readonly find: (slug: string) => Promise<Drill | null | undefined>
  /** Returns false if the connection does not exist. */
  readonly stop: (slug: string, by?: Actor) => Promise<boolean>
}

/** @param forget called after each change: connections are cached together with their fault injection */
export function createFaultInjections(db: Kysely<Schema>, forget: () => void): FaultInjections {
  const idOf = async (slug: string) =>
    (await db.selectFrom('connection').select('id').where('slug', '=', slug).executeTakeFirst())?.id

  return {
    async start(slug, { fault, delayMs, seconds }, by = PROGRAM) {
      const id = await idOf(slug)
      if (id === undefined) return undefined
      const started = new Date()
      const row = { fault, delay_ms: delayMs, started, ends: new Date(started.getTime() + seconds * 1000) }
      const after = toDrill(row)
      await db.transaction().execute(async (trx) => {
        const before = await findFaultInjection(trx, id)
        await trx
          .insertInto('drill')
          .values({ connection_id: id, ...row })
          .onConflict((on) => on.column('connection_id').doUpdateSet(row))
          .execute()
        await recordChange(trx, by, { action: 'drill.start', target: slug, before, after })
      })
      forget()
      return after
    },
    async find(slug) {
      const id = await idOf(slug)
      return id === undefined ? undefined : ((await findFaultInjection(db, id)) ?? null)
    },
    async stop(slug, by = PROGRAM) {
      const id = await idOf(slug)
      if (id === undefined) return false
      await db.transaction().execute(async (trx) => {
        const before = await findFaultInjection(trx, id)
        await trx.deleteFrom('drill').where('connection_id', '=', id).execute()
        await recordChange(trx, by, { action: 'drill.stop', target: slug, before })
      })
      forget()
      return true
    },
  }
}

/** Returns the fault injection of a connection, if it has not ended. */
export async function findFaultInjection(db: Kysely<Schema>, connectionId: string): Promise<Drill | undefined> {
  const row = await db
    .selectFrom('drill')
    .selectAll()
    .where('connection_id', '=', connectionId)
    .where('ends', '>', new Date())
    .executeTakeFirst()
  return row && toDrill(row)
}

function toDrill(row: Pick<Schema['drill'], 'fault' | 'delay_ms'> & { started: Date; ends: Date }): Drill {
  const { fault, delay_ms: delayMs, started, ends } = row
  return { fault, delayMs, started: started.toISOString(), ends: ends.toISOString() }
}
