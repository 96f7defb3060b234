import type { Project, UnpricedModels } from '@activepieces/contract'
import type { PriceTable } from '@activepieces/pieces-common/observe'
import type { Allowance, Need } from '../../domain/usage/budget-rows.ts'
import { type Budgets, monthOf, tokenOf } from '../../domain/usage/budgets.ts'
import type { RateLimiter } from '../../domain/usage/rate-limiter.ts'
import { ApiError } from '../../platform/errors.ts'
import type { MeteredCall } from '../meter.ts'
import type { CostBasis } from './cost.ts'
import { estimateRequest } from './estimate.ts'
import { costOf, type Pricing } from './pricing.ts'
import { freeOf, modelsOf, readRequest } from './request.ts'

/** A call that was admitted. */
export type Admitted = {
  readonly pricing: Pricing
  readonly reserved: readonly Reserved[]
  /** Computed later if undefined. */
  readonly basis: CostBasis | undefined
}

export type Reserved = { readonly scope: string; readonly amount: number }

/** The limits that the call must stay within: the project's monthly budget, and the token's cost limit. */
export function allowancesOf({ claims }: MeteredCall, project: Project | undefined): Allowance[] {
  const { projectId, tokenId, maxCostUsd } = claims
  const budget = project?.monthlyBudgetUsd ?? undefined
  return [
    ...(budget === undefined ? [] : [{ scope: monthOf(projectId), limit: budget }]),
    ...(maxCostUsd === undefined ? [] : [{ scope: tokenOf(tokenId), limit: maxCostUsd }]),
  ]
}

/** @throws ApiError 429 `rate-limit-reached`, 402 `budget-reached` or `price-unknown` */
export async function admitCall(
  call: MeteredCall,
  { limit, allowances, pricing }: { limit: number | undefined; allowances: readonly Allowance[]; pricing: Pricing },
  parts: {
    rate: RateLimiter
    spend: Budgets
    prices: () => Promise<PriceTable | undefined>
    settled: (allowances: readonly Allowance[]) => Promise<void>
  },
): Promise<Admitted> {
  const basis = allowances.length === 0 ? undefined : basisOf(call, pricing)
  const need = basis && needOf(call, basis, await parts.prices())
  if (limit !== undefined) {
    const wait = await parts.rate.take(call.claims.projectId, limit)
    if (wait !== undefined) throw tooFast(call.claims.projectId, limit, wait)
  }
  const reserved: Reserved[] = []
  if (!need || need.max === 0) return { pricing, reserved, basis }
  await parts.settled(allowances)
  for (const allowance of allowances) {
    const amount = await parts.spend.reserve(allowance, need)
    if (typeof amount !== 'number') {
      for (const one of reserved) parts.spend.settle(one.scope, one.amount, 0)
      throw usedUp(allowance, amount.left, need.min)
    }
    reserved.push({ scope: allowance.scope, amount })
  }
  return { pricing, reserved, basis }
}

/** A call without a price passes while anything is left: budgets are exact to a millionth of a dollar. */
const MINIMUM: Need = { min: 0.000001, max: 0.000001 }
export const REFUSE: UnpricedModels = { type: 'refuse' }

export function basisOf(call: MeteredCall, pricing: Pricing): CostBasis {
  const request = estimateRequest(call, readRequest(call).operation)
  return { pricing, models: modelsOf(call), request, free: freeOf(call) }
}

/**
 * Returns the amount to reserve for a call: close to zero for a model without a price, if the project allows such models.
 *
 * @throws ApiError 402 `price-unknown`
 */
function needOf(call: MeteredCall, { pricing, models, request }: CostBasis, table: PriceTable | undefined): Need {
  const { promptTokens, completionTokens, minCompletionTokens } = request
  const costWith = (tokens: number) =>
    costOf({ promptTokens, completionTokens: tokens, totalTokens: undefined }, { models: [models], pricing, table })
      ?.costUsd
  const [max, min] = [costWith(completionTokens), costWith(minCompletionTokens)]
  if (max !== undefined && min !== undefined) return { min, max }
  if (pricing.unpriced.type === 'allow') return MINIMUM
  throw priceUnknown(call, models)
}

function tooFast(projectId: string, limit: number, wait: number): ApiError {
  const words = `The project "${projectId}" may make ${limit} requests per minute. Try again in ${wait} seconds, or ask an admin to raise the limit.`
  return new ApiError('rate-limit-reached', words, { retryAfter: wait })
}

function usedUp({ scope, limit }: Allowance, left: number, amount: number): ApiError {
  const [kind, id] = scope.split(':')
  const whose = kind === 'token' ? 'The engine token has a limit' : `The project "${id}" has a monthly budget`
  const words = `${whose} of ${dollars(limit)}; ${dollars(Math.max(0, left))} is left, and this call is estimated at ${dollars(amount)}. Ask an admin to raise the limit.`
  return new ApiError('budget-reached', words)
}

function priceUnknown({ claims, bodyIsWhole }: MeteredCall, models: readonly string[]): ApiError {
  const place = bodyIsWhole ? '' : ' in the first 64 KB of its body: put "model" first'
  const what =
    models.length === 0 ? `The call names no model${place}` : `The price of "${models.join('", "')}" is unknown`
  const words = `${what}, and the project "${claims.projectId}" refuses such calls if a budget or a cost limit applies. Use a model whose price is known, or ask an admin to set a price for models without one.`
  return new ApiError('price-unknown', words)
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount < 1 ? 6 : 2).replace(/(\.\d\d\d*?)0+$/, '$1')}`
}
