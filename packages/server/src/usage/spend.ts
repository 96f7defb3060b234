import { randomUUID } from 'node:crypto'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../db/schema.ts'
import type { UsageRecord } from './record.ts'

/** What may be spent, in US dollars, in one scope: a project in a month, or a token. */
export type Allowance = { readonly scope: string; readonly limit: number }

/** What a project spends in a month, of UTC. */
export function monthOf(projectId: string, at = new Date()): string {
  return `project:${projectId}:${at.getUTCFullYear()}-${String(at.getUTCMonth() + 1).padStart(2, '0')}`
}

export function tokenOf(tokenId: string): string {
  return `token:${tokenId}`
}

/** Months are counted of every project: a budget may be set at any time. Tokens only where they have a limit. */
export function scopesOf(record: Pick<UsageRecord, 'projectId' | 'at' | 'limitedToken'>): string[] {
  const { projectId, at, limitedToken } = record
  const month = monthOf(projectId, at)
  return limitedToken === null ? [month] : [month, tokenOf(limitedToken)]
}

/** Holds the calls of all servers on one database within their allowances. */
export type Spend = {
  /**
   * Sets an amount aside before a call. At once where this server has enough in hand.
   *
   * @returns what is left when it does not fit, and nothing is set aside
   */
  readonly reserve: (allowance: Allowance, amount: number) => undefined | Promise<undefined | { left: number }>
  /** After the call, whatever came of it: the amount that was set aside, and what the call has cost. */
  readonly settle: (scope: string, reserved: number, cost: number) => void
  /** Writes what calls have cost, in the transaction that writes their records. */
  readonly write: (trx: Transaction<Schema>, costs: ReadonlyMap<string, number>) => Promise<void>
  /** Keeps in hand what is in use, gives back what is not, and forgets tokens that ended. Called every `RENEW` milliseconds. */
  readonly renew: () => Promise<void>
}

/** How long what a server has in hand is set aside for it, in milliseconds: so long it is lost to others after a `kill -9`. */
const LEASE = 60_000
export const RENEW = 15_000

/** How often tokens that ended are looked for, in milliseconds. */
const FORGET = 3_600_000

/** So much earlier, in milliseconds, a server takes a lease for ended than the others do. */
const MARGIN = 5_000

/** What one server has in hand of a scope. */
type Purse = {
  /** Set aside for this server and for no call yet. */
  available: number
  /** Set aside for calls that run. */
  reserved: number
  used: number
  expires: number
  /** What the database said last, for a moment: a project whose budget is used up does not ask for each of its calls. */
  refused: { readonly left: number; readonly limit: number; readonly until: number } | undefined
}

/** How long a refusal is taken for true without asking again, in milliseconds. */
const REFUSED = 200

/** US dollars: sums of fractions are not exact. */
const DUST = 1e-9

/**
 * A server takes a part of what is left in hand and lets its calls have of it without asking the database: at most a
 * twentieth of the limit, or what a call needs. What servers have in hand and what is spent is never more than the limit;
 * calls that cost more than was set aside for them are what can go over it.
 */
export function spendStore(db: Kysely<Schema>, instance: string = randomUUID()): Spend {
  const purses = new Map<string, Purse>()
  const asking = new Map<string, Promise<unknown>>()
  let forgotten = Number.NEGATIVE_INFINITY

  const purseOf = (scope: string): Purse => {
    const known = purses.get(scope)
    if (known) return known
    const made = { available: 0, reserved: 0, used: 0, expires: 0, refused: undefined }
    purses.set(scope, made)
    return made
  }

  const take = (purse: Purse, amount: number): boolean => {
    if (purse.expires <= Date.now() || purse.available < amount - DUST) return false
    purse.available = Math.max(0, purse.available - amount)
    purse.reserved += amount
    purse.used = Date.now()
    return true
  }

  /** Brings more in hand. @returns what is left when that is less than the amount */
  const ask = async ({ scope, limit }: Allowance, amount: number): Promise<{ left: number } | undefined> => {
    const purse = purseOf(scope)
    // What is in hand of a lease that has run out may be in others' hands by now.
    if (purse.expires <= Date.now()) purse.available = 0
    const need = amount - purse.available
    const begun = Date.now()
    const granted = await db.transaction().execute((trx) => grant(trx, instance, { scope, limit }, need))
    if ('left' in granted) {
      const left = granted.left + purse.available
      purse.refused = { left, limit, until: Date.now() + REFUSED }
      return { left }
    }
    purse.available += granted.amount
    purse.expires = begun + LEASE - MARGIN
    return undefined
  }

  const reserveByAsking = async (allowance: Allowance, amount: number) => {
    const { scope } = allowance
    for (;;) {
      const { refused } = purseOf(scope)
      if (refused && refused.limit === allowance.limit && refused.until > Date.now() && refused.left < amount - DUST) {
        return { left: refused.left }
      }
      const running = asking.get(scope)
      if (running) await running.catch(() => undefined)
      else {
        const mine = ask(allowance, amount).finally(() => asking.delete(scope))
        asking.set(scope, mine)
        const refusal = await mine
        if (refusal) return refusal
      }
      if (take(purseOf(scope), amount)) return undefined
    }
  }

  return {
    reserve: (allowance, amount) =>
      take(purseOf(allowance.scope), amount) ? undefined : reserveByAsking(allowance, amount),
    settle(scope, reserved, cost) {
      const purse = purseOf(scope)
      purse.reserved = Math.max(0, purse.reserved - reserved)
      purse.available = Math.max(0, purse.available + reserved - cost)
      purse.refused = undefined
    },
    async write(trx, costs) {
      for (const [scope, cost] of [...costs].sort(([one], [other]) => (one < other ? -1 : 1))) {
        await sql`insert into spend (scope, spent, updated) values (${scope}, ${cost}, now())
          on conflict (scope) do update set spent = spend.spent + excluded.spent, updated = now()`.execute(trx)
        await sql`update spend_lease set amount = greatest(0, amount - ${cost}::numeric)
          where scope = ${scope} and instance = ${instance}`.execute(trx)
      }
    },
    async renew() {
      const idle = [...purses].filter(([, { reserved, used }]) => reserved === 0 && used < Date.now() - RENEW)
      for (const [scope] of idle) purses.delete(scope)
      const scopes = [...purses].filter(([, { expires }]) => expires > Date.now()).map(([scope]) => scope)
      const begun = Date.now()
      await sql`delete from spend_lease where expires < now()
        or (instance = ${instance} and not (scope = any(${scopes}::text[])))`.execute(db)
      await sql`update spend_lease set expires = now() + ${`${LEASE} milliseconds`}::interval
        where instance = ${instance}`.execute(db)
      for (const scope of scopes) purseOf(scope).expires = begun + LEASE - MARGIN
      if (begun - forgotten < FORGET) return
      await forgetTokens(db)
      forgotten = begun
    },
  }
}

/** A token lives an hour at most: one whose first call, or any after it, is two hours old has ended. */
async function forgetTokens(db: Kysely<Schema>): Promise<void> {
  await sql`delete from spend where scope like 'token:%' and updated < now() - interval '2 hours'`.execute(db)
}

/** Puts more into this server's hand: what it needs and some more; nothing where that is not left. */
async function grant(
  trx: Transaction<Schema>,
  instance: string,
  { scope, limit }: Allowance,
  need: number,
): Promise<{ amount: number } | { left: number }> {
  await sql`insert into spend (scope, spent, updated) values (${scope}, 0, now()) on conflict do nothing`.execute(trx)
  const { spent } = await trx
    .selectFrom('spend')
    .select('spent')
    .where('scope', '=', scope)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const { rows } = await sql<{ sum: string }>`select coalesce(sum(amount), 0) as sum from spend_lease
    where scope = ${scope} and expires > now()`.execute(trx)
  const left = limit - Number(spent) - Number(rows[0]?.sum ?? 0)
  if (left < need - DUST || left <= 0) return { left }
  const amount = Math.min(left, Math.max(need, limit / 20))
  await sql`insert into spend_lease (scope, instance, amount, expires)
    values (${scope}, ${instance}, ${amount}, now() + ${`${LEASE} milliseconds`}::interval)
    on conflict (scope, instance) do update set expires = excluded.expires,
      amount = excluded.amount + case when spend_lease.expires > now() then spend_lease.amount else 0 end`.execute(trx)
  return { amount }
}
