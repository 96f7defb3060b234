import { randomUUID } from 'node:crypto'
import {
  type CreateProjectBody,
  type Project,
  type RevokedTokens,
  type UpdateProjectBody,
  unpricedModels,
} from '@activepieces/contract'
import type { Kysely, Selectable, Transaction } from 'kysely'
import { LOCAL_PROJECT, projectNotFound } from '../../auth/local-project.ts'
import { type Actor, PROGRAM, recordChange } from '../../platform/database/audit.ts'
import type { Schema } from '../../platform/database/schema.ts'
import { ApiError } from '../../platform/errors.ts'
import { createSnapshot } from './snapshot.ts'

/** Projects: calls are made for one. */
export type Projects = {
  /**
   * Finds a project: in the cache if it is fresh, because every call needs it, else in the database. Undefined if it does
   * not exist.
   */
  readonly find: (id: string) => Project | undefined | Promise<Project | undefined>
  /** Clears the cache, after a change by another server. */
  readonly forget: () => void
  /** Lists the projects, oldest first. */
  readonly list: () => Promise<Project[]>
  /** @throws ApiError 409 `already-exists` */
  readonly create: (body: CreateProjectBody, by?: Actor) => Promise<Project>
  /** @throws ApiError 404 `project-not-found` */
  readonly update: (id: string, body: UpdateProjectBody, by?: Actor) => Promise<Project>
  /**
   * Deletes a project with its tokens and the store entries of its pieces.
   * @throws ApiError 404 `project-not-found`; 400 for the built-in project
   */
  readonly remove: (id: string, by?: Actor) => Promise<void>
  /** Revokes all tokens that the project has so far. @throws ApiError 404 `project-not-found` */
  readonly revokeTokens: (id: string, by?: Actor) => Promise<RevokedTokens>
}

export function createProjects(db: Kysely<Schema>): Projects {
  const cache = createSnapshot(async () => {
    const rows = await db.selectFrom('project').selectAll().execute()
    return new Map(rows.map((row) => [row.id, toProject(row)]))
  })

  /** A project that is not cached may have just been created by another server. */
  const read = async (id: string) => {
    const row = await db.selectFrom('project').selectAll().where('id', '=', id).executeTakeFirst()
    return row && toProject(row)
  }

  /** Runs a change and its audit row in one transaction. */
  const change = async <T>(run: (trx: Transaction<Schema>) => Promise<T>) => {
    const result = await db.transaction().execute(run)
    cache.forget()
    return result
  }

  return {
    find(id) {
      const known = cache.get()
      return known instanceof Promise
        ? known.then((projects) => projects.get(id) ?? read(id))
        : (known.get(id) ?? read(id))
    },
    forget: cache.forget,
    async list() {
      const rows = await db.selectFrom('project').selectAll().orderBy('created').orderBy('id').execute()
      return rows.map(toProject)
    },
    create: ({ id = randomUUID(), ...body }, by = PROGRAM) =>
      change(async (trx) => {
        const now = new Date()
        const row = await trx
          .insertInto('project')
          .values({ id, ...toColumns(body), name: body.name, tokens_valid_from: null, created: now, updated: now })
          .onConflict((on) => on.column('id').doNothing())
          .returningAll()
          .executeTakeFirst()
        if (!row) throw new ApiError('already-exists', `A project "${id}" already exists.`, { param: 'id' })
        const after = toProject(row)
        await recordChange(trx, by, { action: 'project.create', target: id, after })
        return after
      }),
    update: (id, body, by = PROGRAM) =>
      change(async (trx) => {
        const before = await lock(trx, id)
        const row = await trx
          .updateTable('project')
          .set({ ...toColumns(body), updated: new Date() })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow()
        const after = toProject(row)
        await recordChange(trx, by, { action: 'project.update', target: id, before, after })
        return after
      }),
    remove: (id, by = PROGRAM) =>
      change(async (trx) => {
        if (id === LOCAL_PROJECT)
          throw new ApiError('invalid-request', `The project "${id}" can't be deleted.`, { param: 'id' })
        const before = await lock(trx, id)
        await trx.deleteFrom('store_entry').where('project_id', '=', id).execute()
        await trx.deleteFrom('project').where('id', '=', id).execute()
        await recordChange(trx, by, { action: 'project.delete', target: id, before })
      }),
    revokeTokens: (id, by = PROGRAM) =>
      change(async (trx) => {
        const before = await lock(trx, id)
        // Never earlier than the last one, or tokens minted since then would be valid again after the clock was set back.
        const last = before.tokensValidFrom === null ? 0 : Date.parse(before.tokensValidFrom)
        const now = new Date(Math.max(Date.now(), last + 1))
        await trx.updateTable('project').set({ tokens_valid_from: now }).where('id', '=', id).execute()
        const deleted = await trx.deleteFrom('project_token').where('project_id', '=', id).executeTakeFirst()
        const after = { tokensValidFrom: now.toISOString(), projectTokens: Number(deleted.numDeletedRows) }
        const { tokensValidFrom } = before
        await recordChange(trx, by, { action: 'project.revoke-tokens', target: id, before: { tokensValidFrom }, after })
        return after
      }),
  }
}

/** Locks the row until the transaction ends. */
async function lock(trx: Kysely<Schema>, id: string): Promise<Project> {
  const row = await trx.selectFrom('project').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
  if (!row) throw projectNotFound(id)
  return toProject(row)
}

/** Undefined fields keep their value. */
function toColumns(body: UpdateProjectBody) {
  const { name, monthlyBudgetUsd, requestsPerMinute } = body
  return {
    ...(name === undefined ? {} : { name }),
    ...(monthlyBudgetUsd === undefined ? {} : { monthly_budget_usd: monthlyBudgetUsd }),
    ...(requestsPerMinute === undefined ? {} : { requests_per_minute: requestsPerMinute }),
    ...(body.unpricedModels === undefined ? {} : { unpriced_models: JSON.stringify(body.unpricedModels) }),
  }
}

function toProject(row: Selectable<Schema['project']>): Project {
  return {
    id: row.id,
    name: row.name,
    monthlyBudgetUsd: row.monthly_budget_usd === null ? null : Number(row.monthly_budget_usd),
    requestsPerMinute: row.requests_per_minute,
    unpricedModels: unpricedModels.parse(JSON.parse(row.unpriced_models)),
    tokensValidFrom: row.tokens_valid_from?.toISOString() ?? null,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  }
}
