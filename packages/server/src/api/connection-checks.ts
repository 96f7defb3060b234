import { connectionCheck, ROUTES, saveConnectionBody } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import type { CheckConnection } from '../domain/connections/check.ts'
import type { Connections } from '../domain/connections/connections.ts'
import { healthOf } from '../domain/connections/require-working.ts'
import { connectionNotFound } from '../domain/connections/rows.ts'
import { recordChange } from '../platform/database/audit.ts'
import type { Schema } from '../platform/database/schema.ts'
import type { App } from '../platform/http/app.ts'

/** Routes that test a credential, before it is saved or after. */
export function connectionCheckRoutes(
  app: App,
  db: Kysely<Schema>,
  connections: Connections,
  check: CheckConnection,
): void {
  const tags = ['AI providers']
  const config = { access: 'admin' } as const

  app.post(
    ROUTES.testConnection,
    {
      config,
      schema: {
        tags,
        summary: 'Test a connection without saving it',
        description: 'Lists the models and asks one of them for one word, which costs a few tokens.',
        body: saveConnectionBody,
        response: { 200: connectionCheck },
      },
    },
    async (request) => {
      const draft = await connections.draft(request.body)
      const result = await check(draft)
      const { provider, base_url: baseUrl } = draft
      const after = { provider, baseUrl, outcome: result.outcome }
      const change = { action: 'connection.test', target: draft.slug, after }
      await db.transaction().execute((trx) => recordChange(trx, actorOf(request), change))
      return result
    },
  )

  app.post(
    ROUTES.checkConnection,
    {
      config,
      schema: {
        tags,
        summary: 'Test a stored connection and record its status',
        params: z.strictObject({ slug: z.string() }),
        response: { 200: connectionCheck },
      },
    },
    async (request) => {
      const { slug } = request.params
      const stored = await connections.stored(slug)
      if (!stored) throw connectionNotFound(slug)
      const result = await check(stored)
      await connections.recordHealth(slug, healthOf(result), actorOf(request))
      return result
    },
  )
}
