/** What a model can do. */
export type AICapability = 'text' | 'image' | 'embedding' | 'moderation' | 'speech' | 'transcription'

/** A request parameter that some models reject. */
export type AIModelParameter = 'creativity' | 'maxTokens' | 'stop' | 'toolChoice' | 'parallelToolCalls'

/** A model-specific setting: a dropdown in Advanced Options. */
export type AIModelOption = {
  /** Field of the vendor's own request. */
  readonly name: string
  /** Display name. */
  readonly label: string
  readonly values: readonly string[]
}

/** One item of a registry entry's `models`. Everything except label and value is optional. */
export type AIModel = {
  /** Display name in dropdowns. */
  readonly label: string
  /** Model id that is sent to the vendor. */
  readonly value: string
  /** What the model can do. Defaults to `['text']`. */
  readonly supported?: readonly AICapability[]
  /** Parameters that this model rejects; they are dropped with a warning. */
  readonly refuses?: readonly AIModelParameter[]
  /** Maximum number of tokens of one completion. */
  readonly maxOutputTokens?: number
  /** Supported values of `reasoningEffort`. Absent if the model does not reason or its efforts are unknown. */
  readonly reasoningEfforts?: readonly string[]
  /** The vendor enforces a JSON schema for this model. Otherwise a forced tool is used. */
  readonly structuredOutput?: boolean
  /** Model-specific settings. */
  readonly options?: readonly AIModelOption[]
}

/** A model in the vendor's own list. */
export type AIVendorModel = {
  readonly id: string
  /** The vendor's display name. */
  readonly label?: string | undefined
  /** What the model can do, according to the vendor. Guessed from its id if absent. */
  readonly supported?: readonly AICapability[] | undefined
}

/** A model of the registry, of the vendor's list, or of both. */
export type AIListedModel = AIModel & {
  /**
   * False if the vendor's list lacks a model of the registry. It is kept, because it may be served without being listed.
   * Absent if the vendor could not be asked.
   */
  readonly listed?: boolean
}

/** Returns what a model can do. */
export function capabilitiesOf(model: AIModel): readonly AICapability[] {
  return model.supported ?? ['text']
}

/**
 * Creates several models with the same traits.
 *
 * @example models({ refuses: ['creativity'] }, 'gpt-5.5', 'gpt-5.4')
 */
export function models<const Value extends string, const Traits extends ModelTraits>(
  traits: Traits,
  ...values: readonly Value[]
): readonly (Traits & { readonly label: Value; readonly value: Value })[] {
  return values.map((value) => ({ ...traits, label: value, value }))
}

type ModelTraits = Omit<AIModel, 'label' | 'value'>
