import { CompiledQuery, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import { storable } from '../../platform/database/storable.ts'
import type { UsageRecord } from './record.ts'

/** How rows are written to the table `usage`: each is rendered to text when it is created, and all are inserted together. */
export type RowForm = {
  /** Renders one row with its terminator. */
  readonly render: (record: UsageRecord) => string
  /** @param rows rendered rows in UTF-8 */
  readonly insert: (trx: Transaction<Schema>, rows: Uint8Array) => Promise<unknown>
}

/** Columns of a row, and their values in a record. */
const COLUMNS: readonly (readonly [name: string, of: (record: UsageRecord) => string | number | null])[] = [
  ['at', ({ at }) => at.toISOString()],
  ['project_id', ({ projectId }) => projectId],
  ['run_id', ({ runId }) => runId],
  ['connection_id', ({ connectionId }) => connectionId],
  ['connection', ({ connection }) => connection],
  ['provider', ({ provider }) => provider],
  ['operation', ({ operation }) => operation],
  ['model', ({ model }) => model],
  ['status', ({ status }) => status],
  ['error', ({ error }) => error],
  ['actor', ({ actor }) => actor],
  ['uncached_tokens', ({ uncachedTokens }) => uncachedTokens],
  ['cache_read_tokens', ({ cacheReadTokens }) => cacheReadTokens],
  ['cache_write_tokens', ({ cacheWriteTokens }) => cacheWriteTokens],
  ['output_tokens', ({ outputTokens }) => outputTokens],
  ['reasoning_tokens', ({ reasoningTokens }) => reasoningTokens],
  ['cost_usd', ({ costUsd }) => costUsd],
  ['cost_source', ({ costSource }) => costSource],
  ['priced_as', ({ pricedAs }) => pricedAs],
  ['estimated', ({ estimated }) => String(estimated)],
  ['first_byte_ms', ({ firstByteMs }) => firstByteMs],
  ['total_ms', ({ totalMs }) => totalMs],
  ['request_id', ({ requestId }) => requestId],
  ['vendor_request_id', ({ vendorRequestId }) => vendorRequestId],
  ['completeness', ({ completeness }) => completeness],
]

const NAMES = COLUMNS.map(([name]) => name).join(', ')

/** For the embedded database, which copies lines five times as fast as it reads JSON. */
export const COPY_LINES: RowForm = {
  render(record) {
    let line = ''
    for (const [, of] of COLUMNS) line += line === '' ? field(of(record)) : `\t${field(of(record))}`
    return `${line}\n`
  },
  insert: (trx, rows) => trx.executeQuery(CompiledQuery.raw(`copy usage (${NAMES}) from '/dev/blob'`, [rows])),
}

/** For PostgreSQL: a list of rows as JSON. */
export const JSON_ROWS: RowForm = {
  render: (record) =>
    `${JSON.stringify(Object.fromEntries(COLUMNS.map(([name, of]) => [name, storable(of(record))])))},`,
  insert(trx, rows) {
    const columns: RawBuilder<unknown> = sql.raw(NAMES)
    const list = `[${Buffer.from(rows.subarray(0, -1)).toString()}]`
    return sql`insert into usage (${columns})
      select ${columns} from json_populate_recordset(null::usage, ${list}::json)`.execute(trx)
  },
}

/** @see https://www.postgresql.org/docs/current/sql-copy.html "Text Format" */
function field(value: string | number | null): string {
  if (typeof value === 'number') return String(value)
  if (value === null) return '\\N'
  return PLAIN.test(value) ? value : storable(value).replace(/[\\\t\n\r]/g, (one) => ESCAPES[one] ?? '')
}

/** Printable ASCII without the backslash, which is almost every value. */
const PLAIN = /^[ -[\]-~]*$/

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }
