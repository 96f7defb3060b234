/** A property of an action as the server describes it: the pieces framework's own fields. */
export type Property = {
  readonly type: PropertyType
  readonly displayName: string
  readonly description?: string
  readonly required?: boolean
  readonly defaultValue?: unknown
  /** The properties whose change asks for new options. */
  readonly refreshers?: readonly string[]
  /** Static dropdowns have their options at hand. */
  readonly options?: OptionsState
  /** The properties of one item of an array. */
  readonly properties?: Properties
}

export type Properties = Readonly<Record<string, Property>>

export type PropertyType =
  | 'SHORT_TEXT'
  | 'LONG_TEXT'
  | 'NUMBER'
  | 'CHECKBOX'
  | 'DATE_TIME'
  | 'STATIC_DROPDOWN'
  | 'STATIC_MULTI_SELECT_DROPDOWN'
  | 'DROPDOWN'
  | 'MULTI_SELECT_DROPDOWN'
  | 'DYNAMIC'
  | 'ARRAY'
  | 'OBJECT'
  | 'JSON'
  | 'FILE'
  | 'MARKDOWN'

/** What a dropdown shows: its options, or why there are none. */
export type OptionsState = {
  readonly disabled?: boolean
  readonly placeholder?: string
  readonly options: readonly { readonly label: string; readonly value: unknown }[]
}

export type Values = Readonly<Record<string, unknown>>

/** What a form begins with. */
export function defaultsOf(properties: Properties): Values {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, { defaultValue }]) =>
      defaultValue === undefined || defaultValue === null ? [] : [[name, defaultValue]],
    ),
  )
}

/** What a run is asked with: properties that the action has, without those that were left empty. */
export function inputOf(properties: Properties, values: Values): Values {
  return Object.fromEntries(
    Object.keys(properties).flatMap((name) => (isEmpty(values[name]) ? [] : [[name, values[name]]])),
  )
}

/** The required properties that have no value, by their display name. */
export function missingOf(properties: Properties, values: Values): readonly string[] {
  return Object.entries(properties).flatMap(([name, { required, type, displayName }]) =>
    required && type !== 'MARKDOWN' && type !== 'CHECKBOX' && isEmpty(values[name]) ? [displayName] : [],
  )
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** The values after one has changed: a choice that was made from what it decides is made anew. */
export function withValue(properties: Properties, values: Values, name: string, value: unknown): Values {
  const kept = Object.entries(values).filter(([key]) => !properties[key]?.refreshers?.includes(name))
  return { ...Object.fromEntries(kept), [name]: value }
}
