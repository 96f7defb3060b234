import type { Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** Who makes a change. */
export type Actor = { readonly who: string; readonly requestId: string | null }

/** The program that runs the server, not a request. */
export const PROGRAM: Actor = { who: 'program', requestId: null }

/** A change, with the object before and after it: null if it did not or does not exist. Must not contain secrets. */
export type Change = {
  /** Subject and verb, such as `project.update`. */
  readonly action: string
  /** Id or slug of the changed object. */
  readonly target: string
  readonly before?: object | null | undefined
  readonly after?: object | null | undefined
}

/** Writes the audit row of a change, in the transaction of the change. */
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
