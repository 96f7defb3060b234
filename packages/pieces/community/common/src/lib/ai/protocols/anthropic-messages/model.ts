import type { AIModel } from '../../contract/model.ts'

/** A model that is served by the Messages API. */
export type AnthropicModel = AIModel & {
  /** The model takes a budget of thinking tokens instead of an effort. */
  readonly thinking?: 'budget'
}
