import type { InputProperty } from '@activepieces/pieces-framework'
import { expect, it } from 'vitest'
import { audioAi } from '../src/index.ts'

it('loads in the real pieces framework and needs no connection of its own', () => {
  expect(Object.keys(audioAi.actions())).toEqual(['text_to_speech', 'transcribe_audio'])
  for (const action of Object.values(audioAi.actions())) {
    expect(action.requireAuth).toBe(false)
    expect(Object.keys(action.props).slice(0, 3)).toEqual(['provider', 'model', 'advancedOptions'])
    for (const property of Object.values<InputProperty>(action.props))
      expect('defaultValue' in property && property.defaultValue).toBeFalsy()
  }
  expect(() => audioAi.metadata()).not.toThrow()
})
