import type { ComponentType } from 'react'
import type { Property, Values } from './properties.ts'
import type { ActionName } from './use-options.ts'

/** What a field of any type is given. */
export type FieldProps = {
  readonly of: ActionName
  readonly name: string
  readonly property: Property
  readonly value: unknown
  /** All values of the form: dropdowns ask with those that they depend on. */
  readonly values: Values
  readonly onChange: (value: unknown) => void
}

/** A field that holds further fields is given how one is shown. */
export type OuterFieldProps = FieldProps & { readonly field: ComponentType<FieldProps> }
