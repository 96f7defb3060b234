import type { UnpricedModels, UsageRow } from '@activepieces/contract'
import type { AIChatCompletionUsage } from '@activepieces/pieces-common'
import type { PriceTable } from '@activepieces/pieces-common/observe'

/** How the calls of one project to one provider are priced. Plain data. */
export type Pricing = {
  readonly provider: string
  /** The provider charges nothing, whatever the model. */
  readonly free: boolean
  /** What the project does with models that have no known price. */
  readonly unpriced: UnpricedModels
}

export type Cost = Pick<UsageRow, 'costSource' | 'pricedAs'> & { readonly costUsd: number }

/**
 * Computes the cost of a call.
 *
 * @param models names to look up in the price table, in order of preference. Each entry is a list of alternatives that all need
 *   a price, and the highest counts: a request can name two models, and vendors differ in which one they read
 * @returns undefined if the cost is unknown
 */
export function costOf(
  usage: AIChatCompletionUsage,
  {
    models,
    pricing,
    table,
  }: { models: readonly (readonly string[])[]; pricing: Pricing; table: PriceTable | undefined },
): Cost | undefined {
  const { provider, free, unpriced } = pricing
  if (free) return { costUsd: 0, costSource: 'free', pricedAs: null }
  for (const names of models) {
    const costs = names.map((name) => table?.(provider, name, usage))
    const [highest] = costs.filter((cost) => cost !== undefined).sort((one, other) => other.total - one.total)
    if (highest && !costs.includes(undefined)) {
      return { costUsd: highest.total, costSource: 'table', pricedAs: highest.pricedAs }
    }
  }
  const { promptTokens, completionTokens } = usage
  if (unpriced.type !== 'price' || promptTokens === undefined || completionTokens === undefined) return undefined
  const { inputUsdPerMillionTokens, outputUsdPerMillionTokens } = unpriced
  const costUsd = (promptTokens * inputUsdPerMillionTokens + completionTokens * outputUsdPerMillionTokens) / 1e6
  return { costUsd, costSource: 'project', pricedAs: null }
}
