import { type Kysely, sql, type Transaction } from 'kysely'
import { notifyChange } from '../../platform/database/changes.ts'
import type { Schema } from '../../platform/database/schema.ts'

/** Spending limit of one scope, in US dollars: a project in a month, or a token. */
export type Allowance = { readonly scope: string; readonly limit: number }

/** Amount to reserve for a call, in US dollars: `max`, or what is left if that is at least `min`. */
export type Need = { readonly min: number; readonly max: number }

/** Tolerance in US dollars: sums of fractions are not exact. */
export const EPSILON_USD = 1e-9

/** Lifetime of a server's lease, in milliseconds. After a `kill -9`, other servers can't use the amount for that long. */
export const LEASE_TTL_MS = 60_000

/** Adds the costs of calls, in the transaction that writes their records. */
export async function addSpent(
  trx: Transaction<Schema>,
  instance: string,
  costs: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [scope, cost] of [...costs].sort(([one], [other]) => (one < other ? -1 : 1))) {
    await sql`insert into spend (scope, spent, updated) values (${scope}, ${cost}, now())
      on conflict (scope) do update set spent = spend.spent + excluded.spent, updated = now()`.execute(trx)
    // Below 0 until the debt is recorded.
    await sql`update spend_lease set amount = amount - ${cost}::numeric
      where scope = ${scope} and instance = ${instance}`.execute(trx)
  }
}

/** Renews a server's leases of these scopes. Drops its other leases and those of servers that are gone. */
export async function renewLeases(db: Kysely<Schema>, instance: string, scopes: readonly string[]): Promise<void> {
  await sql`delete from spend_lease where expires < now()
    or (instance = ${instance} and not (scope = any(${scopes}::text[])))`.execute(db)
  await sql`update spend_lease set expires = now() + ${`${LEASE_TTL_MS} milliseconds`}::interval
    where instance = ${instance}`.execute(db)
}

/** Deletes the rows of expired tokens. A token lives an hour at most, so a row last updated two hours ago has expired. */
export async function forgetTokens(db: Kysely<Schema>): Promise<void> {
  await sql`delete from spend where scope like 'token:%' and updated < now() - interval '2 hours'`.execute(db)
}

/** Extends this server's lease by what it needs and some more, or not at all if too little is left. */
export async function grant(
  trx: Transaction<Schema>,
  instance: string,
  allowance: Allowance,
  { min, max }: Need,
): Promise<{ amount: number } | { left: number }> {
  const left = await leftOf(trx, allowance)
  // With a debt, no call passes, not even one that the lease covers.
  if (left < -EPSILON_USD) return { left }
  if (min > 0 && left < min - EPSILON_USD) return { left }
  const amount = max <= 0 ? 0 : Math.min(Math.max(0, left), Math.max(max, allowance.limit / 20))
  await addToLease(trx, instance, allowance.scope, amount)
  return { amount }
}

/** Adds a debt to the lease. Notifies the other servers if it exceeds what is left: they must not spend theirs. */
export async function addDebt(
  trx: Transaction<Schema>,
  instance: string,
  allowance: Allowance,
  debt: number,
): Promise<void> {
  const left = await leftOf(trx, allowance)
  await addToLease(trx, instance, allowance.scope, debt)
  if (left - debt < -EPSILON_USD) await notifyChange(trx, 'spend', allowance.scope)
}

/** What is left of the limit after spending and all leases. The row of the scope stays locked. */
async function leftOf(trx: Transaction<Schema>, { scope, limit }: Allowance): Promise<number> {
  await sql`insert into spend (scope, spent, updated) values (${scope}, 0, now()) on conflict do nothing`.execute(trx)
  const { spent } = await trx
    .selectFrom('spend')
    .select('spent')
    .where('scope', '=', scope)
    .forUpdate()
    .executeTakeFirstOrThrow()
  const { rows } = await sql<{ sum: string }>`select coalesce(sum(greatest(0, amount)), 0) as sum from spend_lease
    where scope = ${scope} and expires > now()`.execute(trx)
  return limit - Number(spent) - Number(rows[0]?.sum ?? 0)
}

async function addToLease(trx: Transaction<Schema>, instance: string, scope: string, amount: number): Promise<void> {
  await sql`insert into spend_lease (scope, instance, amount, expires)
    values (${scope}, ${instance}, ${amount}, now() + ${`${LEASE_TTL_MS} milliseconds`}::interval)
    on conflict (scope, instance) do update set expires = excluded.expires,
      amount = excluded.amount + case when spend_lease.expires > now() then spend_lease.amount else 0 end`.execute(trx)
}
