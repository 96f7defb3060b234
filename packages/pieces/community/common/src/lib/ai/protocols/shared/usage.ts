import type { AIChatCompletionUsage, AIUsageParts } from '../../contract/chat.ts'

/** The same tokens in parts that do not overlap. A part of something unknown is unknown. */
export function usageParts(usage: AIChatCompletionUsage): AIUsageParts {
  const { promptTokens, completionTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage
  // Azure's Grok counts more in its cache than in the prompt.
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

function atMost(whole: number | undefined, part: number | undefined): number | undefined {
  return whole === undefined || part === undefined ? part : Math.min(whole, part)
}

function minus(whole: number | undefined, part: number): number | undefined {
  return whole === undefined ? undefined : Math.max(0, whole - part)
}

/** The sum of several usages; a field that none of them knows stays undefined. `raw` is the list of them. */
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
