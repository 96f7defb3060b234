import { ROUTES } from '@activepieces/contract'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from '../platform/database/database.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

/** How long the database may take to answer, in milliseconds: what asks for readiness asks again soon. */
const PATIENCE = 2_000

/** For whoever watches over the server. */
export function healthRoutes(app: App, { db, changes }: Database): void {
  const ok = { 200: z.strictObject({ status: z.literal('ok') }) }
  app.get(
    ROUTES.health,
    {
      config: { access: 'public' },
      schema: {
        tags: ['Health'],
        summary: 'Does the process answer?',
        description: 'Whatever its database does: where it does not answer, it should be started anew.',
        response: ok,
      },
    },
    async () => ({ status: 'ok' as const }),
  )
  app.get(
    ROUTES.ready,
    {
      config: { access: 'public' },
      schema: {
        tags: ['Health'],
        summary: 'Should it get calls?',
        description: '503 while the database does not answer, or the server is shutting down.',
        response: ok,
      },
    },
    async () => {
      if (!changes.isConnected()) throw NOT_READY('The server does not hear of changes in its database.')
      await within(PATIENCE, sql`select 1`.execute(db)).catch(() => {
        throw NOT_READY('The database does not answer.')
      })
      return { status: 'ok' as const }
    },
  )
}

const NOT_READY = (words: string) => new ApiError('not-ready', words, { retryAfter: 1 })

async function within(ms: number, work: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('too slow')), ms)
  })
  return Promise.race([work, limit]).finally(() => clearTimeout(timer))
}
