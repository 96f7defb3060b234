import type { z as Zod } from 'zod'
import type { AIChatCompletion } from '../contract/chat.ts'

/** Output fields that all actions with a model have, created with the caller's zod. */
export function completionFacts(z: typeof Zod) {
  return {
    model: z.string().describe('The model that answered.'),
    usage: z.strictObject({
      promptTokens: z.number().optional(),
      completionTokens: z.number().optional(),
      totalTokens: z.number().optional(),
    }),
    warnings: z.array(z.string()).describe('What was dropped or changed in the request, and why.'),
  }
}

/** The values of `completionFacts`. */
export type CompletionFacts = Zod.infer<Zod.ZodObject<ReturnType<typeof completionFacts>>>

/** Returns the facts of a completion, without those that the vendor does not report. */
export function factsOf({
  model,
  usage,
  warnings,
}: Pick<AIChatCompletion, 'model' | 'usage' | 'warnings'>): CompletionFacts {
  const { promptTokens, completionTokens, totalTokens } = usage
  return {
    model,
    usage: {
      ...(promptTokens !== undefined && { promptTokens }),
      ...(completionTokens !== undefined && { completionTokens }),
      ...(totalTokens !== undefined && { totalTokens }),
    },
    warnings: warnings.map(({ message }) => message),
  }
}
