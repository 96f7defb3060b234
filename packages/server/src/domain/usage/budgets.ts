import { randomUUID } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../../platform/database/schema.ts'
import {
  type Allowance,
  addDebt,
  addSpent,
  EPSILON_USD,
  forgetTokens,
  grant,
  LEASE_TTL_MS,
  type Need,
  renewLeases,
} from './budget-rows.ts'
import type { UsageRecord } from './record.ts'

/** Scope of a project's spending in a month, in UTC. */
export function monthOf(projectId: string, at = new Date()): string {
  return `project:${projectId}:${at.getUTCFullYear()}-${String(at.getUTCMonth() + 1).padStart(2, '0')}`
}

export function tokenOf(tokenId: string): string {
  return `token:${tokenId}`
}

/** Scopes of a record. Months are counted for every project, because a budget can be set at any time; tokens only if they have a limit. */
export function scopesOf(record: Pick<UsageRecord, 'projectId' | 'at' | 'limitedToken'>): string[] {
  const { projectId, at, limitedToken } = record
  const month = monthOf(projectId, at)
  return limitedToken === null ? [month] : [month, tokenOf(limitedToken)]
}

/** Enforces budgets and cost limits, across all servers on one database. */
export type Budgets = {
  /**
   * Reserves an amount before a call. Synchronous if the lease of this server is large enough.
   *
   * @returns the reserved amount, or what is left if that is too little and nothing is reserved
   */
  readonly reserve: (allowance: Allowance, need: Need) => number | Promise<number | { left: number }>
  /**
   * Replaces the reserved amount by the actual cost after a call, however it ended. A cost that exceeds the lease of this
   * server is a debt: it is recorded in the database immediately, and all servers refuse calls until it is covered.
   */
  readonly settle: (scope: string, reserved: number, cost: number) => void
  /** Adds the cost of calls, in the transaction that writes their records. */
  readonly write: (trx: Transaction<Schema>, costs: ReadonlyMap<string, number>) => Promise<void>
  /** Renews leases that are in use, returns the others, and deletes expired tokens. Call it every `RENEW_INTERVAL_MS`. */
  readonly renew: () => Promise<void>
  /** Makes the next call query the database, because another server recorded a debt of the scope, or of any. */
  readonly recheck: (scope: string | undefined) => void
}

/** Interval at which a server renews its leases, in milliseconds. */
export const RENEW_INTERVAL_MS = 15_000

/** Interval at which expired tokens are deleted, in milliseconds. */
const CLEANUP_INTERVAL_MS = 3_600_000

/** A server treats its lease as expired this much earlier than the others do, in milliseconds. */
const LEASE_MARGIN_MS = 5_000

/** The part of a scope's budget that this server has leased. In the database it is `available` plus `reserved` plus unwritten costs. */
type BudgetLease = {
  /** Leased but not reserved for a call. Below 0: a debt that is not in the database yet. */
  available: number
  /** Reserved for running calls. */
  reserved: number
  used: number
  expires: number
  /** Limit of the allowance at the last database query. */
  limit: number
  /** The database must be queried before more is reserved. */
  stale: boolean
  /** The last refusal, cached briefly: a project whose budget is used up does not query for each of its calls. */
  refused: { readonly left: number; readonly limit: number; readonly until: number } | undefined
}

/** How long a refusal is cached, in milliseconds. */
const REFUSAL_TTL_MS = 200

/**
 * Each server leases a part of the remaining budget, at most a twentieth of the limit or what one call needs, and reserves
 * amounts from it without a query. Leases and spending together never exceed the limit. Only calls that cost more than was
 * reserved for them can exceed it, and only until their cost is known.
 *
 * @param onError called if a debt could not be recorded; `renew` tries again
 */
export function createBudgets(
  db: Kysely<Schema>,
  { instance = randomUUID(), onError }: { instance?: string; onError: (error: unknown) => void },
): Budgets {
  const leases = createLeases()
  /** Runs one query per scope at a time. */
  const queries = new Map<string, Promise<unknown>>()
  let cleanedUpAt = Number.NEGATIVE_INFINITY

  const runExclusively = <T>(scope: string, run: () => Promise<T>): Promise<T> => {
    const query = run().finally(() => queries.delete(scope))
    queries.set(scope, query)
    return query
  }

  /** Extends the lease. @returns what is left if that is too little */
  const extendLease = async (
    { scope, limit }: Allowance,
    { min, max }: Need,
  ): Promise<{ left: number } | undefined> => {
    const lease = leases.of(scope)
    const startedAt = Date.now()
    // Other servers may have leased the amount of an expired lease by now.
    if (lease.expires <= startedAt) lease.available = Math.min(0, lease.available)
    lease.stale = false
    const need = { min: min - lease.available, max: max - lease.available }
    const granted = await db
      .transaction()
      .execute((trx) => grant(trx, instance, { scope, limit }, need))
      .catch((error: unknown) => {
        lease.stale = true
        throw error
      })
    lease.limit = limit
    if ('left' in granted) {
      lease.stale ||= granted.left < -EPSILON_USD
      const left = lease.stale ? granted.left : granted.left + lease.available
      lease.refused = { left, limit, until: Date.now() + REFUSAL_TTL_MS }
      return { left }
    }
    lease.available += granted.amount
    lease.expires = startedAt + LEASE_TTL_MS - LEASE_MARGIN_MS
    return undefined
  }

  const reserveFromDatabase = async (allowance: Allowance, need: Need) => {
    const { scope, limit } = allowance
    for (;;) {
      const { refused } = leases.of(scope)
      if (refused && refused.limit === limit && refused.until > Date.now() && refused.left < need.min - EPSILON_USD) {
        return { left: refused.left }
      }
      const running = queries.get(scope)
      if (running) await running.catch(() => undefined)
      else {
        const refusal = await runExclusively(scope, () => extendLease(allowance, need))
        if (refusal) return refusal
      }
      const amount = take(leases.of(scope), limit, need)
      if (amount !== undefined) return amount
    }
  }

  /** Adds this server's debt to its lease, even if less than that is left. */
  const recordDebt = async (scope: string): Promise<void> => {
    for (let running = queries.get(scope); running; running = queries.get(scope)) await running.catch(() => undefined)
    const lease = leases.of(scope)
    const debt = -lease.available
    if (debt <= 0) return
    await runExclusively(scope, async () => {
      await db.transaction().execute((trx) => addDebt(trx, instance, { scope, limit: lease.limit }, debt))
      lease.available += debt
    })
  }

  return {
    reserve: (allowance, need) =>
      take(leases.of(allowance.scope), allowance.limit, { min: need.max, max: need.max }) ??
      reserveFromDatabase(allowance, need),
    settle(scope, reserved, cost) {
      const lease = leases.of(scope)
      lease.reserved = Math.max(0, lease.reserved - reserved)
      lease.available += reserved - cost
      lease.refused = undefined
      if (lease.available >= -EPSILON_USD) return
      lease.stale = true
      recordDebt(scope).catch(onError)
    },
    write: (trx, costs) => addSpent(trx, instance, costs),
    async renew() {
      for (const scope of leases.inDebt()) await recordDebt(scope)
      const scopes = leases.dropIdle()
      const startedAt = Date.now()
      await renewLeases(db, instance, scopes)
      for (const scope of scopes) leases.of(scope).expires = startedAt + LEASE_TTL_MS - LEASE_MARGIN_MS
      if (startedAt - cleanedUpAt < CLEANUP_INTERVAL_MS) return
      await forgetTokens(db)
      cleanedUpAt = startedAt
    },
    recheck: leases.markStale,
  }
}

/** Reserves from the lease, without a query. */
function take(lease: BudgetLease, limit: number, { min, max }: Need): number | undefined {
  if (lease.stale || lease.limit !== limit || lease.expires <= Date.now()) return undefined
  if (lease.available < min - EPSILON_USD) return undefined
  const amount = lease.available < max - EPSILON_USD ? lease.available : max
  lease.available -= amount
  lease.reserved += amount
  lease.used = Date.now()
  return amount
}

function isIdle({ available, reserved, used }: BudgetLease): boolean {
  return available >= -EPSILON_USD && reserved === 0 && used < Date.now() - RENEW_INTERVAL_MS
}

/** The leases of this server, by scope. */
function createLeases() {
  const leases = new Map<string, BudgetLease>()
  return {
    of(scope: string): BudgetLease {
      const known = leases.get(scope)
      if (known) return known
      const made = { available: 0, reserved: 0, used: 0, expires: 0, limit: 0, stale: true, refused: undefined }
      leases.set(scope, made)
      return made
    },
    /** Marks one scope, or all. */
    markStale(scope: string | undefined) {
      for (const [name, lease] of leases) {
        if (scope !== undefined && scope !== name) continue
        lease.stale = true
        lease.refused = undefined
      }
    },
    inDebt: () => [...leases].filter(([, { available }]) => available < -EPSILON_USD).map(([scope]) => scope),
    /** Deletes leases that are not in use. @returns the scopes of the leases to keep */
    dropIdle() {
      for (const [scope, lease] of leases) if (isIdle(lease)) leases.delete(scope)
      return [...leases].filter(([, { expires }]) => expires > Date.now()).map(([scope]) => scope)
    },
  }
}
