import { type DoctorReport, type DoctorSummary, doctorReport } from '@activepieces/contract'
import type { Kysely, Transaction } from 'kysely'
import { type Actor, recordChange } from '../../platform/database/audit.ts'
import type { Schema } from '../../platform/database/schema.ts'
import { type ConnectionRow, lockConnection } from './rows.ts'

/** The latest diagnostics report of each connection. */
export type DiagnosticReports = {
  /** Returns null if there is none. */
  readonly find: (connectionId: string) => Promise<DoctorReport | null>
  /**
   * Stores a report and replaces the previous one.
   *
   * @param seen the connection as it was when the diagnostics started
   * @throws ApiError 404, 409 if it was deleted or changed since
   */
  readonly save: (seen: ConnectionRow, report: DoctorReport, by: Actor) => Promise<void>
}

export function createDiagnosticReports(db: Kysely<Schema>): DiagnosticReports {
  return {
    find: (connectionId) => findReport(db, connectionId),
    save: (seen, report, by) =>
      db.transaction().execute(async (trx) => {
        const { id, slug } = await lockConnection(trx, seen)
        const old = await findReport(trx, id)
        const row = { at: new Date(report.at), report: JSON.stringify(report) }
        await trx
          .insertInto('doctor')
          .values({ connection_id: id, ...row })
          .onConflict((on) => on.column('connection_id').doUpdateSet(row))
          .execute()
        const [before, after] = [old && toSummary(old), toSummary(report)]
        await recordChange(trx, by, { action: 'connection.doctor', target: slug, before, after })
      }),
  }
}

/** Deletes the report of a connection, because its base URL or credential has changed. */
export async function deleteReport(trx: Transaction<Schema>, connectionId: string): Promise<void> {
  await trx.deleteFrom('doctor').where('connection_id', '=', connectionId).execute()
}

/** The verdicts of a stored report; undefined if there is none, or it can't be read. */
export function summaryOf(stored: string | null): DoctorSummary | undefined {
  const report = stored === null ? null : readReport(stored)
  return report ? toSummary(report) : undefined
}

async function findReport(db: Kysely<Schema>, connectionId: string): Promise<DoctorReport | null> {
  const query = db.selectFrom('doctor').select('report').where('connection_id', '=', connectionId)
  const row = await query.executeTakeFirst()
  return row ? readReport(row.report) : null
}

/** Returns null for a report of another version, which had other probes. */
function readReport(stored: string): DoctorReport | null {
  return doctorReport.safeParse(JSON.parse(stored)).data ?? null
}

function toSummary({ at, findings }: DoctorReport): DoctorSummary {
  const verdicts = Object.entries(findings).map(([probe, { verdict }]) => [probe, verdict])
  // SAFETY: one verdict for each finding of the report.
  return { at, verdicts: Object.fromEntries(verdicts) as DoctorSummary['verdicts'] }
}
