/** What a model can do. A model that says nothing is a text model. */
export type AICapability = 'text' | 'image' | 'embedding' | 'moderation' | 'speech' | 'transcription'

/** A request parameter that some models refuse. */
export type AIModelParameter = 'creativity' | 'maxTokens' | 'stop' | 'toolChoice' | 'parallelToolCalls'

/** A choice that a model gives besides what all models of its kind have: a dropdown among the Advanced Options. */
export type AIModelOption = {
  /** The field of the vendor's own request. */
  readonly name: string
  /** What people see. */
  readonly label: string
  readonly values: readonly string[]
}

/** One model of a vendor: an item of a registry entry's `models`. Everything past label and value is optional. */
export type AIModel = {
  /** What people see in the dropdown. */
  readonly label: string
  /** The model id that is sent to the vendor. */
  readonly value: string
  /** What the model can do; `['text']` when absent. */
  readonly supported?: readonly AICapability[]
  /** Parameters that the vendor answers with a 400 for this model: they are left out, and the reply's `warnings` say so. */
  readonly refuses?: readonly AIModelParameter[]
  /** The most tokens that one reply can have. */
  readonly maxOutputTokens?: number
  /** The efforts of `reasoningEffort` that the model knows; absent: it does not reason, or nobody said how much. */
  readonly reasoningEfforts?: readonly string[]
  /** The vendor holds the model to a JSON schema. Absent: a forced tool does. */
  readonly structuredOutput?: boolean
  /** What may be chosen besides, by the vendor's own fields. */
  readonly options?: readonly AIModelOption[]
}

/** A model as its vendor lists it. */
export type AIVendorModel = {
  readonly id: string
  /** The vendor's name for people. */
  readonly label?: string | undefined
  /** What the vendor says that it can do; absent: the vendor does not say, and its id has to tell. */
  readonly supported?: readonly AICapability[] | undefined
}

/** A model of the registry, of its vendor's list, or of both. */
export type AIListedModel = AIModel & {
  /**
   * False: the registry knows it and the vendor's list lacks it. It may be shut down, or not be open to this key, or be
   * served unlisted, so it is kept. Absent: the vendor could not be asked.
   */
  readonly listed?: boolean
}

/** What a model of the registry can do, or `['text']` where it does not say. */
export function capabilitiesOf(model: AIModel): readonly AICapability[] {
  return model.supported ?? ['text']
}

/**
 * Several models that share the same traits.
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
