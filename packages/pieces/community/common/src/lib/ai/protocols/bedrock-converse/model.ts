import type { AIModel } from '../../contract/model.ts'

/** A model that is served by Converse. */
export type BedrockModel = AIModel & {
  /** How to ask for reasoning: each model family has its own fields. */
  readonly thinking?: 'adaptive' | 'budget' | 'nova' | 'reasoning_effort' | 'reasoning_config'
  /** Prompt cache hints that the model accepts: only `short` ones, or none. Defaults to all. */
  readonly promptCache?: 'short' | 'none'
}
