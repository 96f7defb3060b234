import type { AIChatCompletionUsage, AIUsageParts } from '../../contract/chat.ts'

/** Splits tokens into parts that do not overlap. */
export function usageParts(usage: AIChatCompletionUsage): AIUsageParts {
  const { promptTokens, completionTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage
  // Grok on Azure reports more cached tokens than prompt tokens.
  const cacheRead = atMost(promptTokens, cacheReadTokens)
  const cacheWrite = atMost(minus(promptTokens, cacheRead ?? 0), cacheWriteTokens)
  return {
    uncached: minus(promptTokens, (cacheRead ?? 0) + (cacheWrite ?? 0)),
    cacheRead,
    cacheWrite,
    output: minus(completionTokens, reasoningTokens ?? 0),
    reasoning: reasoningTokens,
  }
}

function atMost(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? part : Math.min(total, part)
}

function minus(total: number | undefined, part: number): number | undefined {
  return total === undefined ? undefined : Math.max(0, total - part)
}

/** Sums usages. A field that none of them has stays undefined; `raw` is the list of the raw ones. */
export function sumUsage(usages: readonly AIChatCompletionUsage[]): AIChatCompletionUsage {
  const sum = (field: (usage: AIChatCompletionUsage) => number | undefined) => {
    const known = usages.map(field).filter((value) => value !== undefined)
    return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0)
  }
  const total: AIChatCompletionUsage = {
    promptTokens: sum((usage) => usage.promptTokens),
    completionTokens: sum((usage) => usage.completionTokens),
    totalTokens: sum((usage) => usage.totalTokens),
    cacheReadTokens: sum((usage) => usage.cacheReadTokens),
    cacheWriteTokens: sum((usage) => usage.cacheWriteTokens),
    reasoningTokens: sum((usage) => usage.reasoningTokens),
    raw: usages.map((usage) => usage.raw),
  }
  return { ...total, parts: usageParts(total) }
}
