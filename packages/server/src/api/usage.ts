import { ROUTES, usagePage, usageQuery, usageSummary, usageSummaryQuery } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import { listUsage, summarizeUsage } from '../domain/usage/queries.ts'
import type { Schema } from '../platform/database/schema.ts'
import type { App } from '../platform/http/app.ts'

export function usageRoutes(app: App, db: Kysely<Schema>): void {
  const config = { access: 'admin' } as const
  const tags = ['Usage']

  app.get(
    ROUTES.usage,
    {
      config,
      schema: {
        tags,
        summary: 'List calls, newest first',
        description: 'One row per call. Unknown values are null.',
        querystring: usageQuery,
        response: { 200: usagePage },
      },
    },
    async ({ query }) => listUsage(db, query),
  )

  app.get(
    ROUTES.usageSummary,
    {
      config,
      schema: {
        tags,
        summary: 'Sum calls by day, provider, model, project, connection, error or actor',
        querystring: usageSummaryQuery,
        response: { 200: usageSummary },
      },
    },
    async ({ query }) => summarizeUsage(db, query),
  )
}
