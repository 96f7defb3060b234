import type { Connection } from '@activepieces/contract'
import type { Kysely } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import { summaryOf } from './reports.ts'
import { toConnection } from './rows.ts'

/** Lists all connections without their secrets, oldest first, each with the summary of its latest diagnostics. */
export async function listConnections(db: Kysely<Schema>): Promise<Connection[]> {
  const rows = await db
    .selectFrom('connection')
    .leftJoin('doctor', 'doctor.connection_id', 'connection.id')
    .selectAll('connection')
    .select('doctor.report')
    .orderBy('created')
    .orderBy('slug')
    .execute()
  return rows.map(({ report, ...row }) => ({ ...toConnection(row), doctor: summaryOf(report) }))
}
