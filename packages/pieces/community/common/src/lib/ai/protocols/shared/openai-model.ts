import type { AIModel } from '../../contract/model.ts'

/** A model of OpenAI's API, or of an API that is compatible with it. */
export type OpenaiModel = AIModel & {
  /** The only protocol that serves the model, if the provider has several. Defaults to chat completions. */
  readonly protocol?: 'responses'
  /** The role of system text. Defaults to `system`. */
  readonly systemRole?: 'system' | 'developer'
  /** The most detailed format that the model can return a transcript in. Defaults to the API's own default. */
  readonly transcript?: 'verbose_json' | 'diarized_json'
}
