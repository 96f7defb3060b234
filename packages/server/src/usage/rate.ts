import { type Kysely, sql } from 'kysely'
import type { Schema } from '../db/schema.ts'

/** Holds the calls of all servers on one database within the requests a minute of their projects. */
export type Rate = {
  /**
   * Counts one call. At once where this server has calls in hand.
   *
   * @param limit calls a minute; a minute is one of the clock
   * @returns seconds to wait when the minute is used up
   */
  readonly take: (projectId: string, limit: number) => undefined | Promise<undefined | number>
}

/** Calls that one server has in hand, of this minute and limit. */
type Hand = { minute: number; limit: number; calls: number; usedUp: boolean }

/** A server takes a fiftieth of the limit at a time; what it does not use of that is lost with the minute. */
export function rateStore(db: Kysely<Schema>, now: () => number = Date.now): Rate {
  const hands = new Map<string, Hand>()
  const asking = new Map<string, Promise<void>>()

  const handOf = (projectId: string, limit: number): Hand => {
    const minute = Math.floor(now() / 60_000)
    const known = hands.get(projectId)
    if (known?.minute === minute && known.limit === limit) return known
    const made = { minute, limit, calls: 0, usedUp: false }
    hands.set(projectId, made)
    return made
  }

  const ask = async (projectId: string, hand: Hand): Promise<void> => {
    const part = Math.max(1, Math.floor(hand.limit / 50))
    for (const calls of part > 1 ? [part, 1] : [1]) {
      if (await count(db, projectId, hand, calls)) {
        hand.calls += calls
        return
      }
    }
    hand.usedUp = true
  }

  const takeByAsking = async (projectId: string, limit: number): Promise<undefined | number> => {
    for (;;) {
      const hand = handOf(projectId, limit)
      if (hand.calls > 0) {
        hand.calls--
        return undefined
      }
      if (hand.usedUp) return Math.max(1, Math.ceil(((hand.minute + 1) * 60_000 - now()) / 1000))
      const running = asking.get(projectId) ?? ask(projectId, hand).finally(() => asking.delete(projectId))
      asking.set(projectId, running)
      await running
    }
  }

  return {
    take(projectId, limit) {
      const hand = handOf(projectId, limit)
      if (hand.calls === 0) return takeByAsking(projectId, limit)
      hand.calls--
      return undefined
    },
  }
}

/** @returns false when so many are not left in the minute */
async function count(db: Kysely<Schema>, projectId: string, { minute, limit }: Hand, calls: number): Promise<boolean> {
  const { rows } =
    await sql`insert into request_rate (project_id, minute, taken) values (${projectId}, ${minute}, ${calls})
    on conflict (project_id) do update set minute = excluded.minute,
      taken = excluded.taken + case when request_rate.minute = excluded.minute then request_rate.taken else 0 end
    where request_rate.minute < excluded.minute
      or request_rate.minute = excluded.minute and request_rate.taken + excluded.taken <= ${limit}
    returning taken`.execute(db)
  return rows.length > 0
}
