import { AIError } from '../ai/errors.ts'

/**
 * About how many tokens a text is: four characters each where it is written in Latin letters, one and a half in other
 * scripts. Every model counts in its own way; this is near enough to tell what cannot fit.
 */
export function estimateTokens(text: string): number {
  const others = text.match(/[^\p{Script=Latin}\p{N}\p{P}\p{S}\s]/gu)?.length ?? 0
  return Math.ceil((text.length - others) / 4 + others / 1.5)
}

/** How many tokens a model takes in all, by a table that others keep up; undefined where it does not know the model. */
export async function contextWindowOf(provider: string, model: string): Promise<number | undefined> {
  const { calcPrice } = await import('@pydantic/genai-prices')
  const providerId = provider.split('@', 1)[0] ?? provider
  return calcPrice({ input_tokens: 1, output_tokens: 1 }, model, { providerId })?.model.context_window
}

/**
 * Refuses a text that cannot fit into the model's context, before anything is sent. Estimates may be off by a quarter: what
 * is near the limit is left to the vendor to judge.
 *
 * @throws AIError `context-length`, with both numbers
 */
export async function checkLength(text: string, provider: string, model: string): Promise<void> {
  const limit = await contextWindowOf(provider, model)
  const tokens = estimateTokens(text)
  if (limit === undefined || tokens / 1.25 <= limit) return
  const message = `The text is about ${tokens.toLocaleString('en')} tokens long; ${model} takes ${limit.toLocaleString('en')}.`
  throw new AIError({ code: 'context-length', message, provider, model })
}
