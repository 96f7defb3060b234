import type { InputProperty } from '@activepieces/pieces-framework'
import { expect, it } from 'vitest'
import { imageAi } from '../src/index.ts'

it('loads in the real pieces framework and needs no connection of its own', () => {
  expect(Object.keys(imageAi.actions())).toEqual(['generate_image', 'edit_image', 'describe_image'])
  for (const action of Object.values(imageAi.actions())) {
    expect(action.requireAuth).toBe(false)
    expect(Object.keys(action.props).slice(0, 3)).toEqual(['provider', 'model', 'advancedOptions'])
    for (const property of Object.values<InputProperty>(action.props))
      expect('defaultValue' in property && property.defaultValue).toBeFalsy()
  }
  expect(() => imageAi.metadata()).not.toThrow()
})
