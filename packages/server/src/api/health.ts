import { ROUTES } from '@activepieces/contract'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from '../platform/database/database.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

/** Timeout for the database, in milliseconds. Readiness probes repeat soon. */
const QUERY_TIMEOUT_MS = 2_000

/** Routes for health checks. */
export function healthRoutes(app: App, { db, changes }: Database): void {
  const ok = { 200: z.strictObject({ status: z.literal('ok') }) }
  app.get(
    ROUTES.health,
    {
      config: { access: 'public' },
      schema: {
        tags: ['Health'],
        summary: 'Check whether the process responds',
        description: 'Does not check the database. Restart the server if it does not respond.',
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
        summary: 'Check whether the server is ready for calls',
        description: 'Returns 503 while the database does not respond, or the server is shutting down.',
        response: ok,
      },
    },
    async () => {
      if (!changes.isConnected()) throw NOT_READY('The server is not connected to the notifications of its database.')
      await withTimeout(QUERY_TIMEOUT_MS, sql`select 1`.execute(db)).catch(() => {
        throw NOT_READY('The database does not respond.')
      })
      return { status: 'ok' as const }
    },
  )
}

const NOT_READY = (words: string) => new ApiError('not-ready', words, { retryAfter: 1 })

async function withTimeout(ms: number, work: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), ms)
  })
  return Promise.race([work, limit]).finally(() => clearTimeout(timer))
}
