import { auditPage, auditQuery, ROUTES } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import type { Schema } from '../db/schema.ts'
import type { App } from '../http/app.ts'
import { listChanges } from './audit.ts'

export function auditRoutes(app: App, db: Kysely<Schema>): void {
  app.get(
    ROUTES.audit,
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Audit'],
        summary: 'List what admins have changed, newest first',
        querystring: auditQuery,
        response: { 200: auditPage },
      },
    },
    async ({ query: { limit, cursor } }) =>
      listChanges(db, { limit, cursor: cursor === undefined ? undefined : Number(cursor) }),
  )
}
