import { ROUTES } from '@activepieces/contract'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../db/schema.ts'
import type { App } from './app.ts'

/** For whoever watches over the server: it answers, and so does its database. */
export function healthRoutes(app: App, db: Kysely<Schema>): void {
  app.get(
    ROUTES.health,
    {
      config: { access: 'public' },
      schema: {
        tags: ['Health'],
        summary: 'Is the server well?',
        response: { 200: z.strictObject({ status: z.literal('ok') }) },
      },
    },
    async () => {
      await sql`select 1`.execute(db)
      return { status: 'ok' as const }
    },
  )
}
