import type { PriceCalculation } from '@pydantic/genai-prices'
import type { AIChatCompletion, AIChatCompletionUsage, AICost } from '../contract/chat.ts'

/**
 * Returns the cost of tokens. Undefined if the provider or the model is not in the table, or the tokens are unknown.
 *
 * @param provider value of the registry, or `<provider>@<connection>`
 */
export type PriceTable = (provider: string, model: string, usage: AIChatCompletionUsage) => AICost | undefined

/** Loads the price table of `@pydantic/genai-prices`. */
export async function loadPrices(): Promise<PriceTable> {
  const { calcPrice } = await import('@pydantic/genai-prices')
  type Price = NonNullable<ReturnType<typeof calcPrice>> & { rates: Rates | undefined }
  /** Searching all models takes most of the time, so results are cached. */
  const found = new Map<string, Price | null>()

  const search = (providerId: string, model: string) => {
    const key = `${providerId}\n${model}`
    const known = found.get(key)
    if (known !== undefined) return known
    const match = calcPrice({ input_tokens: 1, output_tokens: 1 }, model, { providerId })
    const price = match && isPricedByTokens(match) ? { ...match, rates: ratesOf(match) } : null
    if (found.size >= MAX_CACHED_PRICES) found.clear()
    found.set(key, price)
    return price
  }

  return (provider, model, { promptTokens, completionTokens, cacheReadTokens, cacheWriteTokens }) => {
    if (promptTokens === undefined || completionTokens === undefined) return undefined
    const match = search(provider.split('@', 1)[0] ?? provider, model)
    if (!match) return undefined
    const { rates } = match
    if (rates && promptTokens < rates.below) {
      const [read, written] = [cacheReadTokens ?? 0, cacheWriteTokens ?? 0]
      const uncached = Math.max(0, promptTokens - read - written)
      const input = (uncached * rates.input + read * rates.cacheRead + written * rates.cacheWrite) / 1e6
      const output = (completionTokens * rates.output) / 1e6
      return { currency: 'USD', input, output, total: input + output, pricedAs: match.model.id }
    }
    const tokens = {
      input_tokens: promptTokens,
      output_tokens: completionTokens,
      cache_read_tokens: cacheReadTokens ?? 0,
      cache_write_tokens: cacheWriteTokens ?? 0,
    }
    const price = calcPrice(tokens, model, { provider: { ...match.provider, models: [match.model] } })
    if (!price) return undefined
    const { input_price: input, output_price: output, total_price: total } = price
    return { currency: 'USD', input, output, total, pricedAs: price.model.id }
  }
}

const MAX_CACHED_PRICES = 10_000

/** Returns false if all prices are per units that usage does not count, e.g. hours of audio. A model without prices is free. */
function isPricedByTokens({ model_price: price }: Pick<PriceCalculation, 'model_price'>): boolean {
  const units = ['input_mtok', 'output_mtok', 'requests_kcount'] as const
  return Object.keys(price).length === 0 || units.some((unit) => price[unit] !== undefined)
}

/** US dollars per million tokens, for prompts with fewer tokens than `below`. */
type Rates = { input: number; output: number; cacheRead: number; cacheWrite: number; below: number }

/**
 * Returns the rates of a model whose prices only depend on tokens, as a fast path. Prices per request or by time of day, and
 * long prompts that cost more, use the table's own calculation, which takes longer than everything else a server does with
 * the usage of a call.
 */
function ratesOf({ model, model_price: price }: Pick<PriceCalculation, 'model' | 'model_price'>): Rates | undefined {
  if (Array.isArray(model.prices) || price['requests_kcount'] !== undefined) return undefined
  const input = price['input_mtok']
  if (input === undefined) return undefined
  const all = {
    input,
    output: price['output_mtok'] ?? 0,
    cacheRead: price['cache_read_mtok'] ?? input,
    cacheWrite: price['cache_write_mtok'] ?? input,
  }
  const starts = Object.values(all).flatMap((one) =>
    typeof one === 'number' ? [] : one.tiers.map(({ start }) => start),
  )
  const base = (one: typeof input) => (typeof one === 'number' ? one : one.base)
  return {
    input: base(all.input),
    output: base(all.output),
    cacheRead: base(all.cacheRead),
    cacheWrite: base(all.cacheWrite),
    below: Math.min(...starts),
  }
}

/** Returns the cost of a completion; undefined if unknown. */
export async function costOf(
  provider: string,
  { model, usage }: Pick<AIChatCompletion, 'model' | 'usage'>,
): Promise<AICost | undefined> {
  prices ??= loadPrices()
  return (await prices)(provider, model, usage)
}

let prices: Promise<PriceTable> | undefined
