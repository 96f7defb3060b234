import { openDatabase } from '@activepieces/server/database'
import { sql } from 'kysely'

/** A name that a spreadsheet would take for a formula, and that CSV has to quote. */
export const ODD_MODEL = '=SUM("a",1)'

/**
 * Writes rows of usage into a data folder that no server has open: four models in turn over the last 28 days, a cent
 * each, ten tokens in and five out, every fiftieth with a rejected key, those of one model estimated.
 */
export async function writeUsage(dataDir: string, rows: number): Promise<void> {
  const { db, close } = await openDatabase({ dataDir })
  await sql`insert into usage (at, project_id, connection_id, connection, provider, operation, model, status, error, actor,
      uncached_tokens, output_tokens, cost_usd, first_byte_ms, total_ms, request_id, completeness, estimated)
    select now() - (${rows} - n) * interval '28 days' / ${rows}, 'project-' || n % 5, 'id', 'openai',
      (array['openai', 'openai', 'anthropic', 'groq'])[n % 4 + 1], 'chat',
      (array['gpt-5.4', ${ODD_MODEL}, 'claude-sonnet-5', 'llama-3.3'])[n % 4 + 1],
      case when n % 50 = 0 then 401 else 200 end, case when n % 50 = 0 then 'key-rejected' end,
      case when n % 50 = 0 then 'admin' end, 10, 5, 0.01, 100, 200, 'request-' || n, 'complete', n % 4 = 2
    from generate_series(1, ${rows}::int) as n`.execute(db)
  await close()
}
