import { doctorBody, doctorReport, doctorState, ROUTES } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import type { RunDiagnostics } from '../diagnostics/diagnostics.ts'
import { acquireDiagnosticsLease } from '../diagnostics/lease.ts'
import type { Connections } from '../domain/connections/connections.ts'
import { createDiagnosticReports } from '../domain/connections/reports.ts'
import { healthOf } from '../domain/connections/require-working.ts'
import { connectionNotFound, findByAddress } from '../domain/connections/rows.ts'
import type { Schema } from '../platform/database/schema.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

/**
 * Routes of the provider diagnostics: find out from the vendor what a connection can do.
 *
 * @param maxDurationMs upper bound for one run, in milliseconds
 */
export function diagnosticsRoutes(
  app: App,
  { db, connections, maxDurationMs }: { db: Kysely<Schema>; connections: Connections; maxDurationMs: number },
  run: RunDiagnostics,
): void {
  const tags = ['AI providers']
  const config = { access: 'admin' } as const
  const params = z.strictObject({ slug: z.string() })
  const reports = createDiagnosticReports(db)
  const closing = new AbortController()
  app.addHook('preClose', async () => closing.abort())

  const find = async (slug: string) => {
    const row = await findByAddress(db, slug)
    if (!row) throw connectionNotFound(slug)
    return row
  }

  app.post(
    ROUTES.doctor,
    {
      config,
      schema: {
        tags,
        summary: 'Find out what a connection can do',
        description:
          'Calls the vendor with the stored key. Costs a few hundred tokens and, if the provider generates images, one ' +
          'image. Takes up to two minutes.',
        params,
        body: doctorBody.nullish(),
        response: { 200: doctorReport },
      },
    },
    async (request) => {
      const { slug } = request.params
      const seen = await find(slug)
      const stored = await connections.stored(slug)
      if (!stored) throw connectionNotFound(slug)
      const release = await acquireDiagnosticsLease(db, seen.id, maxDurationMs)
      if (!release) throw new ApiError('conflict', `Diagnostics of "${slug}" are already running.`)
      try {
        const { report, check } = await run(stored, { model: request.body?.model, signal: closing.signal })
        if (closing.signal.aborted) throw new ApiError('shutting-down', 'The server is shutting down.')
        const by = actorOf(request)
        await reports.save(seen, report, by)
        if (check) await connections.recordHealth(stored.slug, healthOf(check), by)
        return report
      } finally {
        await release()
      }
    },
  )

  app.get(
    ROUTES.doctor,
    {
      config,
      schema: {
        tags,
        summary: 'Get the latest diagnostics report',
        description: 'Null if there is none since the base URL or the credential last changed.',
        params,
        response: { 200: doctorState },
      },
    },
    async ({ params: { slug } }) => ({ report: await reports.find((await find(slug)).id) }),
  )
}
