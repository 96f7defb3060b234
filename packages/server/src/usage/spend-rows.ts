import { type Kysely, sql, type Transaction } from 'kysely'
import { announce } from '../db/announce.ts'
import type { Schema } from '../db/schema.ts'

/** What may be spent, in US dollars, in one scope: a project in a month, or a token. */
export type Allowance = { readonly scope: string; readonly limit: number }

/** What is set aside for a call, in US dollars: `most`, or what is left if that is `least` or more. */
export type Need = { readonly least: number; readonly most: number }

/** US dollars: sums of fractions are not exact. */
export const DUST = 1e-9

/** How long what a server has in hand is set aside for it, in milliseconds: so long it is lost to others after a `kill -9`. */
export const LEASE = 60_000

/** Adds what calls have cost, in the transaction that writes their records. */
export async function addSpent(
  trx: Transaction<Schema>,
  instance: string,
  costs: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [scope, cost] of [...costs].sort(([one], [other]) => (one < other ? -1 : 1))) {
    await sql`insert into spend (scope, spent, updated) values (${scope}, ${cost}, now())
      on conflict (scope) do update set spent = spend.spent + excluded.spent, updated = now()`.execute(trx)
    // Below 0 for the moment until a debt is recorded.
    await sql`update spend_lease set amount = amount - ${cost}::numeric
      where scope = ${scope} and instance = ${instance}`.execute(trx)
  }
}

/** Keeps a server's leases of these scopes, and drops its others and those of servers that are gone. */
export async function renewLeases(db: Kysely<Schema>, instance: string, scopes: readonly string[]): Promise<void> {
  await sql`delete from spend_lease where expires < now()
    or (instance = ${instance} and not (scope = any(${scopes}::text[])))`.execute(db)
  await sql`update spend_lease set expires = now() + ${`${LEASE} milliseconds`}::interval
    where instance = ${instance}`.execute(db)
}

/** A token lives an hour at most: one whose first call, or any after it, is two hours old has ended. */
export async function forgetTokens(db: Kysely<Schema>): Promise<void> {
  await sql`delete from spend where scope like 'token:%' and updated < now() - interval '2 hours'`.execute(db)
}

/** Puts more into this server's hand: what it needs and some more; nothing where that is not left. */
export async function grant(
  trx: Transaction<Schema>,
  instance: string,
  allowance: Allowance,
  { least, most }: Need,
): Promise<{ amount: number } | { left: number }> {
  const left = await leftOf(trx, allowance)
  // With a debt nothing passes, not even from what is in hand.
  if (left < -DUST) return { left }
  if (least > 0 && left < least - DUST) return { left }
  const amount = most <= 0 ? 0 : Math.min(Math.max(0, left), Math.max(most, allowance.limit / 20))
  await addToLease(trx, instance, allowance.scope, amount)
  return { amount }
}

/** Other servers hear of it when that is more than there is: what they have in hand may not be spent either. */
export async function addDebt(
  trx: Transaction<Schema>,
  instance: string,
  allowance: Allowance,
  debt: number,
): Promise<void> {
  const left = await leftOf(trx, allowance)
  await addToLease(trx, instance, allowance.scope, debt)
  if (left - debt < -DUST) await announce(trx, 'spend', allowance.scope)
}

/** Of the limit, without what is spent and what servers have in hand. The row of the scope stays locked. */
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
    values (${scope}, ${instance}, ${amount}, now() + ${`${LEASE} milliseconds`}::interval)
    on conflict (scope, instance) do update set expires = excluded.expires,
      amount = excluded.amount + case when spend_lease.expires > now() then spend_lease.amount else 0 end`.execute(trx)
}
