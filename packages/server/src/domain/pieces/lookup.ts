import type { Action, InputProperty, InputPropertyMap, Piece, PropertyContext } from '@activepieces/pieces-framework'
import { PropertyType } from '@activepieces/pieces-framework'
import { InputError } from './errors.ts'
import { withFiles } from './files.ts'

/** @throws InputError that lists the actions of the piece */
export function findAction(piece: Piece, name: string): Action {
  const actions: Record<string, Action> = piece.actions()
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined
  if (action) return action
  throw new InputError(`${piece.displayName} has no action "${name}". It has: ${Object.keys(actions).join(', ')}.`)
}

/** Validates the input of a run, applies defaults and converts files. @throws InputError that names the missing or unknown property */
export function checkInput(props: InputPropertyMap, input: Record<string, unknown>): Record<string, unknown> {
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(props, name))
  if (unknown !== undefined) {
    throw new InputError(`There is no property "${unknown}". The properties are: ${Object.keys(props).join(', ')}.`)
  }
  const values: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(props)) {
    const value = input[name] ?? defaultOf(property)
    if (isRequired(property) && isEmpty(value)) throw new InputError(`"${property.displayName}" is required.`)
    if (value !== undefined) values[name] = withFiles(property, value)
  }
  return values
}

type Options = (input: Record<string, unknown>, context: PropertyContext) => Promise<unknown>

/** Returns the function that loads the options of a dropdown or the fields of a dynamic property. @throws InputError if there is none */
export function findOptions(action: Action, name: string): Options {
  const props: InputPropertyMap = action.props
  const property = Object.hasOwn(props, name) ? props[name] : undefined
  switch (property?.type) {
    case PropertyType.DROPDOWN:
    case PropertyType.MULTI_SELECT_DROPDOWN:
      return property.options
    case PropertyType.DYNAMIC:
      return property.props
    case PropertyType.STATIC_DROPDOWN:
    case PropertyType.STATIC_MULTI_SELECT_DROPDOWN:
      return async () => property.options
    case undefined:
      throw new InputError(`There is no property "${name}". The properties are: ${Object.keys(props).join(', ')}.`)
    default:
      throw new InputError(`The property "${name}" has no options: its type is ${property?.type}.`)
  }
}

function defaultOf(property: InputProperty): unknown {
  return 'defaultValue' in property ? property.defaultValue : undefined
}

function isRequired(property: InputProperty): boolean {
  return property.type !== PropertyType.MARKDOWN && property.required
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}
