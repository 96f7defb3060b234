import { doctorBody, doctorReport, doctorState, ROUTES } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { actorOf } from '../auth/actor.ts'
import type { RunDiagnostics } from '../diagnostics/diagnostics.ts'
import { acquireDiagnosticsLease } from '../diagnostics/lease.ts'
import type { Connections } from '../domain/connections/connections.ts'
import { createDiagnosticReports } from '../domain/connections/reports.ts'
import { statusOf } from '../domain/connections/require-working.ts'
import { connectionNotFound, findByAddress } from '../domain/connections/rows.ts'
import type { Schema } from '../platform/database/schema.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

/**
 * What a connection can do, asked of the vendor itself.
 *
 * @param longest how long a visit may last, in milliseconds
 */
export function doctorRoutes(
  app: App,
  { db, connections, longest }: { db: Kysely<Schema>; connections: Connections; longest: number },
  visit: RunDiagnostics,
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
          'Asks the vendor with the stored key: a few hundred tokens and, where it makes images, one image. Takes up to ' +
          'two minutes.',
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
      const giveBack = await acquireDiagnosticsLease(db, seen.id, longest)
      if (!giveBack) throw new ApiError('conflict', `Diagnostics of "${slug}" are already running.`)
      try {
        const { report, check } = await visit(stored, { model: request.body?.model, signal: closing.signal })
        if (closing.signal.aborted) throw new ApiError('shutting-down', 'The server is shutting down.')
        const by = actorOf(request)
        await reports.keep(seen, report, by)
        if (check) await connections.note(stored.slug, ...statusOf(check), by)
        return report
      } finally {
        await giveBack()
      }
    },
  )

  app.get(
    ROUTES.doctor,
    {
      config,
      schema: {
        tags,
        summary: 'What the doctor found last',
        description: 'Null when it was not there since the base URL or the credential has changed.',
        params,
        response: { 200: doctorState },
      },
    },
    async ({ params: { slug } }) => ({ report: await reports.find((await find(slug)).id) }),
  )
}
