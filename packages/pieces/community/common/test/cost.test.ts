import { calcPrice } from '@pydantic/genai-prices'
import { expect, test } from 'vitest'
import { AiProviders } from '../src/index.ts'
import { loadPrices } from '../src/observe.ts'

const TOKENS = [
  { promptTokens: 1_000, completionTokens: 500, totalTokens: undefined },
  {
    promptTokens: 300_000,
    completionTokens: 7,
    totalTokens: undefined,
    cacheReadTokens: 250_000,
    cacheWriteTokens: 3_000,
  },
  { promptTokens: 199_999, completionTokens: 10_000, totalTokens: undefined, cacheReadTokens: 20_000 },
  { promptTokens: 272_001, completionTokens: 10_000, totalTokens: undefined },
  { promptTokens: 0, completionTokens: 0, totalTokens: undefined },
]

test('every model of the registry costs what the table reckons, whichever way it is reckoned', async () => {
  const prices = await loadPrices()
  let priced = 0
  for (const { value: providerId, models } of AiProviders) {
    for (const { value: model } of models) {
      for (const usage of TOKENS) {
        const tokens = {
          input_tokens: usage.promptTokens,
          output_tokens: usage.completionTokens,
          cache_read_tokens: usage.cacheReadTokens ?? 0,
          cache_write_tokens: usage.cacheWriteTokens ?? 0,
        }
        const match = calcPrice(tokens, model, { providerId })
        // Hours of audio are not in the usage of a completion.
        const reckoned = match?.model_price.input_mtok === undefined && match?.model_price.audio_hours ? null : match
        const cost = prices(providerId, model, usage)
        expect([model, cost?.pricedAs]).toEqual([model, reckoned?.model.id])
        if (!cost || !reckoned) continue
        priced++
        expect(cost.total, model).toBeCloseTo(reckoned.total_price, 9)
        expect(cost.input, model).toBeCloseTo(reckoned.input_price, 9)
      }
    }
  }
  expect(priced).toBeGreaterThan(100)
})
