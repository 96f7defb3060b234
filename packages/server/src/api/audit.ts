import { auditPage, auditQuery, ROUTES } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import { listChanges } from '../domain/audit/changes.ts'
import type { Schema } from '../platform/database/schema.ts'
import type { App } from '../platform/http/app.ts'

export function auditRoutes(app: App, db: Kysely<Schema>): void {
  app.get(
    ROUTES.audit,
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Audit'],
        summary: 'List changes by admins, newest first',
        querystring: auditQuery,
        response: { 200: auditPage },
      },
    },
    async ({ query: { limit, cursor } }) =>
      listChanges(db, { limit, cursor: cursor === undefined ? undefined : Number(cursor) }),
  )
}
