import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'

/** Enforces the requests per minute of each project, across all servers on one database. */
export type RateLimiter = {
  /**
   * Counts one call. Synchronous while this server has quota left.
   *
   * @param limit calls per minute of the database's clock
   * @returns seconds to wait if the limit is reached
   */
  readonly take: (projectId: string, limit: number) => undefined | Promise<undefined | number>
}

/** Calls that one server may still make in the current minute. */
type RateQuota = { readonly ends: number; readonly limit: number; calls: number; usedUp: boolean }

/**
 * A server reserves a fiftieth of the limit at a time. Unused calls expire with the minute. Minutes are those of the database,
 * because the clocks of servers may differ or be set back.
 *
 * @param now monotonic clock, in milliseconds
 */
export function createRateLimiter(db: Kysely<Schema>, now: () => number = () => performance.now()): RateLimiter {
  const quotas = new Map<string, RateQuota>()
  const queries = new Map<string, Promise<void>>()

  const quotaOf = (projectId: string, limit: number): RateQuota | undefined => {
    const quota = quotas.get(projectId)
    return quota && quota.limit === limit && quota.ends > now() ? quota : undefined
  }

  const reserve = async (projectId: string, limit: number): Promise<void> => {
    const part = Math.max(1, Math.floor(limit / 50))
    for (const calls of part > 1 ? [part, 1] : [1]) {
      const { isGranted, secondsLeft } = await count(db, projectId, limit, calls)
      const quota = { ends: now() + secondsLeft * 1000, limit, calls: isGranted ? calls : 0, usedUp: !isGranted }
      quotas.set(projectId, quota)
      if (isGranted) return
    }
  }

  const takeFromDatabase = async (projectId: string, limit: number): Promise<undefined | number> => {
    for (;;) {
      const quota = quotaOf(projectId, limit)
      if (quota && quota.calls > 0) {
        quota.calls--
        return undefined
      }
      if (quota?.usedUp) return Math.max(1, Math.ceil((quota.ends - now()) / 1000))
      const running = queries.get(projectId) ?? reserve(projectId, limit).finally(() => queries.delete(projectId))
      queries.set(projectId, running)
      await running
    }
  }

  return {
    take(projectId, limit) {
      const quota = quotaOf(projectId, limit)
      if (!quota || quota.calls === 0) return takeFromDatabase(projectId, limit)
      quota.calls--
      return undefined
    },
  }
}

/** Any minute other than the recorded one starts a new count: the database's clock may have been set back. */
async function count(db: Kysely<Schema>, projectId: string, limit: number, calls: number) {
  const { rows } = await sql<{ isGranted: boolean; secondsLeft: number }>`
    with clock as (select extract(epoch from clock_timestamp())::float8 as seconds),
    granted as (
      insert into request_rate (project_id, minute, taken)
      select ${projectId}, floor(seconds / 60)::bigint, ${calls}::integer from clock
      on conflict (project_id) do update set minute = excluded.minute,
        taken = excluded.taken + case when request_rate.minute = excluded.minute then request_rate.taken else 0 end
      where request_rate.minute <> excluded.minute or request_rate.taken + excluded.taken <= ${limit}
      returning taken)
    select exists (select from granted) as "isGranted", 60 - seconds + 60 * floor(seconds / 60) as "secondsLeft"
    from clock`.execute(db)
  const [row] = rows
  if (!row) throw new Error('The request count returned no row.')
  return row
}
