import { randomUUID } from 'node:crypto'
import {
  ROUTES,
  STORE_VALUE_LIMIT,
  type StoreEntry,
  storeEntry,
  storeEntryBody,
  storeEntryQuery,
} from '@activepieces/contract'
import type { Kysely, Selectable } from 'kysely'
import { z } from 'zod'
import { projectOf } from '../auth/access.ts'
import type { Schema } from '../platform/database/schema.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

/** Routes of the values that pieces store between runs, separately for each project. */
export function storeRoutes(app: App, db: Kysely<Schema>): void {
  const config = { access: 'engine' } as const
  const tags = ['Store']

  app.post(
    ROUTES.storeEntries,
    { config, schema: { tags, summary: 'Put a value', body: storeEntryBody, response: { 200: storeEntry } } },
    async (request) => {
      const value = JSON.stringify(request.body.value)
      if (Buffer.byteLength(value) > STORE_VALUE_LIMIT) throw tooLarge(Buffer.byteLength(value))
      const now = new Date()
      const project_id = projectOf(request.caller, undefined)
      const row = await db
        .insertInto('store_entry')
        .values({ id: randomUUID(), project_id, key: request.body.key, value, created: now, updated: now })
        .onConflict((on) => on.columns(['project_id', 'key']).doUpdateSet({ value, updated: now }))
        .returningAll()
        .executeTakeFirstOrThrow()
      return toEntry(row)
    },
  )

  app.get(
    ROUTES.storeEntries,
    { config, schema: { tags, summary: 'Get a value', querystring: storeEntryQuery, response: { 200: storeEntry } } },
    async (request) => {
      const row = await db
        .selectFrom('store_entry')
        .selectAll()
        .where('project_id', '=', projectOf(request.caller, undefined))
        .where('key', '=', request.query.key)
        .executeTakeFirst()
      if (!row)
        throw new ApiError('not-found', `There is no value for the key "${request.query.key}".`, { param: 'key' })
      return toEntry(row)
    },
  )

  app.delete(
    ROUTES.storeEntries,
    { config, schema: { tags, summary: 'Delete a value', querystring: storeEntryQuery, response: { 204: z.null() } } },
    async (request, reply) => {
      await db
        .deleteFrom('store_entry')
        .where('project_id', '=', projectOf(request.caller, undefined))
        .where('key', '=', request.query.key)
        .execute()
      return reply.code(204).send(null)
    },
  )
}

function toEntry(row: Selectable<Schema['store_entry']>): StoreEntry {
  return {
    id: row.id,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
    projectId: row.project_id,
    key: row.key,
    value: JSON.parse(row.value),
  }
}

function tooLarge(bytes: number): ApiError {
  const words = `The value has ${bytes} bytes as JSON; the limit is ${STORE_VALUE_LIMIT}.`
  return new ApiError('too-large', words, { param: 'value' })
}
