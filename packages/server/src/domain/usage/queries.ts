import type { UsagePage, UsageRow, UsageSummary, usageQuery, usageSummaryQuery } from '@activepieces/contract'
import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely'
import type { z } from 'zod'
import type { Schema } from '../../platform/database/schema.ts'

type Filters = Omit<z.output<typeof usageQuery>, 'limit' | 'cursor'>

/** Lists rows below the cursor, newest first. */
export async function listUsage(db: Kysely<Schema>, query: z.output<typeof usageQuery>): Promise<UsagePage> {
  const { limit, cursor } = query
  const rows = await filtered(db, query)
    .selectAll()
    .$if(cursor !== undefined, (from) => from.where('id', '<', Number(cursor)))
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const data = rows.slice(0, limit).map(toRow)
  return { data, next: rows.length > limit ? (data.at(-1)?.id ?? null) : null }
}

/** Sums usage by group: days in order, other groups by cost and then by calls, in descending order. */
export async function summarizeUsage(
  db: Kysely<Schema>,
  query: z.output<typeof usageSummaryQuery>,
): Promise<UsageSummary> {
  const { groupBy, splitBy } = query
  const split = splitBy === undefined ? sql<string | null>`null::text` : GROUPS[splitBy]
  const data = await filtered(db, query)
    .select([GROUPS[groupBy].as('group'), split.as('split'), ...SUMS, MEDIAN.as('medianFirstByteMs')])
    .groupBy(splitBy === undefined ? [GROUPS[groupBy]] : [GROUPS[groupBy], split])
    .orderBy(groupBy === 'day' ? sql`1` : sql`"costUsd" desc, calls desc, 1`)
    .orderBy(sql`2`)
    .limit(MAX_GROUPS)
    .execute()
  const total = await filtered(db, query).select(SUMS).executeTakeFirstOrThrow()
  return { data, total }
}

const MAX_GROUPS = 5_000

function filtered(db: Kysely<Schema>, query: Filters) {
  const { from, to, projectId, provider, connection, model, runId, outcome } = query
  const equal = { project_id: projectId, provider, connection, model, run_id: runId }
  let rows = db.selectFrom('usage')
  if (from !== undefined) rows = rows.where('at', '>=', new Date(from))
  if (to !== undefined) rows = rows.where('at', '<', new Date(to))
  for (const [column, value] of Object.entries(equal)) {
    if (value !== undefined) rows = rows.where(sql.ref(column), '=', value)
  }
  if (outcome === undefined) return rows
  return rows.where(outcome === 'failed' ? FAILED : sql<boolean>`error is null`)
}

/** A call that the caller aborted did not fail. */
const FAILED = sql<boolean>`error is not null and error <> 'aborted'`

/** Days are in UTC. */
const GROUPS: Record<NonNullable<z.output<typeof usageSummaryQuery>['groupBy']>, RawBuilder<string | null>> = {
  day: sql`to_char(at at time zone 'UTC', 'YYYY-MM-DD')`,
  provider: sql`provider`,
  model: sql`model`,
  project: sql`project_id`,
  connection: sql`connection`,
  error: sql`error`,
  actor: sql`actor`,
}

/** Finer than any price. Further digits are errors of binary fractions, as in 0.0008200000000000001. */
const USD_DECIMALS = 10

const sum = (columns: RawBuilder<unknown>) => sql<number>`coalesce(sum(${columns}), 0)::bigint`

const SUMS = [
  sql<number>`count(*)`.as('calls'),
  sql<number>`count(*) filter (where ${FAILED})`.as('failedCalls'),
  sql<number>`count(*) filter (where cost_usd is null and status < 400 and operation <> 'models')`.as('unpricedCalls'),
  sql<number>`count(*) filter (where estimated)`.as('estimatedCalls'),
  sum(sql`coalesce(uncached_tokens, 0) + coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0)`).as(
    'promptTokens',
  ),
  sum(sql`cache_read_tokens`).as('cacheReadTokens'),
  sum(sql`cache_write_tokens`).as('cacheWriteTokens'),
  sum(sql`coalesce(output_tokens, 0) + coalesce(reasoning_tokens, 0)`).as('completionTokens'),
  sum(sql`reasoning_tokens`).as('reasoningTokens'),
  sql<number>`round(coalesce(sum(cost_usd), 0)::numeric, ${sql.lit(USD_DECIMALS)})::double precision`.as('costUsd'),
] as const

const MEDIAN = sql<number | null>`percentile_cont(0.5) within group (order by first_byte_ms)`

function toRow(row: Selectable<Schema['usage']>): UsageRow {
  return {
    id: String(row.id),
    at: row.at.toISOString(),
    projectId: row.project_id,
    runId: row.run_id,
    connectionId: row.connection_id,
    connection: row.connection,
    provider: row.provider,
    operation: row.operation,
    model: row.model,
    status: row.status,
    error: row.error,
    actor: row.actor,
    uncachedTokens: row.uncached_tokens,
    cacheReadTokens: row.cache_read_tokens,
    cacheWriteTokens: row.cache_write_tokens,
    outputTokens: row.output_tokens,
    reasoningTokens: row.reasoning_tokens,
    costUsd: row.cost_usd === null ? null : Number(Number(row.cost_usd).toFixed(USD_DECIMALS)),
    costSource: row.cost_source,
    pricedAs: row.priced_as,
    estimated: row.estimated,
    firstByteMs: row.first_byte_ms,
    totalMs: row.total_ms,
    requestId: row.request_id,
    vendorRequestId: row.vendor_request_id,
    completeness: row.completeness,
  }
}
