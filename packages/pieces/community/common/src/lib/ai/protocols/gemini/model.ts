import type { AIModel } from '../../contract/model.ts'

/** A model that is served by `generateContent`. */
export type GeminiModel = AIModel & {
  /** The model takes a budget of thinking tokens instead of a level. */
  readonly thinking?: 'budget'
}
