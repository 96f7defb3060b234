import type { Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** Who makes a change. */
export type Actor = { readonly who: string; readonly requestId: string | null }

/** The program that made the server, not a request. */
export const PROGRAM: Actor = { who: 'program', requestId: null }

/** What was changed: the thing before and after, null where there was or is none. Never with a secret in it. */
export type Change = {
  /** Subject and verb: `project.update`. */
  readonly action: string
  /** Name of the thing among those of its kind: an id or a slug. */
  readonly target: string
  readonly before?: object | null | undefined
  readonly after?: object | null | undefined
}

/** Writes the row of a change. In the transaction of the change itself: there is not one without the other. */
export async function recordChange(trx: Transaction<Schema>, by: Actor, change: Change): Promise<void> {
  const { action, target, before, after } = change
  await trx
    .insertInto('audit')
    .values({
      at: new Date(),
      who: by.who,
      action,
      target,
      before: before ? JSON.stringify(before) : null,
      after: after ? JSON.stringify(after) : null,
      request_id: by.requestId,
    })
    .execute()
}
