import type { z as Zod } from 'zod'
import type { AIChatCompletion } from '../contract/chat.ts'

/** What every action that asks a model says besides its answer: fields of its output's schema, made by the caller's zod. */
export function completionFacts(z: typeof Zod) {
  return {
    model: z.string().describe('The model that answered.'),
    usage: z.strictObject({
      promptTokens: z.number().optional(),
      completionTokens: z.number().optional(),
      totalTokens: z.number().optional(),
    }),
    warnings: z.array(z.string()).describe('What was left out or changed in the request, and why.'),
  }
}

/** The values of `completionFacts`. */
export type CompletionFacts = Zod.infer<Zod.ZodObject<ReturnType<typeof completionFacts>>>

/** Reads them off a completion; what the vendor does not tell is left out. */
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
