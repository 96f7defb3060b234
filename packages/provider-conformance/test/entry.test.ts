import { type AiProviderMetadata, AiProviders, authHeader } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import { faultsOf, registrySource } from '../src/entry.ts'

const good: AiProviderMetadata = AiProviders.find(({ value }) => value === 'groq') ?? AiProviders[0]
const model = { label: 'M', value: 'm' }

describe('an entry', () => {
  it.each(AiProviders)('$value of the registry has no fault', (entry) => {
    expect(faultsOf(entry, AiProviders, registrySource())).toEqual([])
  })

  const wrong: [string, object, string][] = [
    ['without a value', { value: undefined }, 'value is missing'],
    ['with an odd value', { value: 'My Vendor' }, 'value may have small letters, digits and single dashes only'],
    ['without a label', { label: ' ' }, 'label is empty'],
    ['without a logo', { logoUrl: undefined }, 'logoUrl is missing'],
    ['without instructions', { instructionsMarkdown: '' }, 'instructionsMarkdown is empty'],
    ['whose base URL is none', { defaultBaseUrl: 'api.example.com' }, 'defaultBaseUrl is no http or https URL'],
    [
      'whose base URL has the version in it',
      { defaultBaseUrl: 'https://api.example.com/v1' },
      'defaultBaseUrl ends in a slash or in the version, which belongs to the path',
    ],
    ['without auth', { auth: undefined }, 'auth is missing; authHeader({ bearer: true }) makes one'],
    ['with half an auth', { auth: { name: 'x-api-key' } }, 'auth.mapper is no function'],
    ['without models', { models: undefined }, 'models is no list of models'],
    ['with a model without id', { models: [model, { label: 'N' }] }, 'models[1].value is missing'],
    ['with a model twice', { models: [model, model] }, 'models has "m" more than once'],
    [
      'with a capability that nobody knows',
      { models: [{ ...model, supported: ['text', 'telepathy'] }] },
      'models[0].supported[1] is "telepathy"; allowed are text, image',
    ],
    ['without a factory', { factory: undefined }, 'factory is no function'],
    ['whose factory throws', { factory: () => expect.fail('no SDK') }, 'factory throws no SDK'],
    [
      'with half a capability',
      { factory: () => ({ provider: 'X', chat: { stream: () => undefined } }) },
      'what factory gives: chat.text is no function',
    ],
    ['without any', { factory: () => ({ provider: 'X' }) }, 'what factory gives: chat is missing; right is { text }'],
  ]
  it.each(wrong)('%s is told so', (_what, change, fault) => {
    const entry = { ...good, value: 'new', label: 'New', ...change }
    const faults = faultsOf(entry, [...AiProviders, entry])
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(fault)
  })

  it('that is there twice is told with both lines', () => {
    const text = `const AiProviders = [\n  {\n    label: 'Groq',\n    value: 'groq' as const,\n  },\n  {\n    value: 'groq' as const,\n  },\n]\n`
    const twin = { ...good, label: 'Groq again', auth: authHeader({ bearer: true }) }
    expect(faultsOf(twin, [...AiProviders, twin], { path: 'providers/index.ts', text })).toEqual([
      'providers/index.ts:4: "groq": value "groq" is there more than once (lines 4 and 7); each entry has its own',
    ])
  })

  it('is told with the line of the registry', () => {
    const source = registrySource()
    const line = source.text.split('\n').findIndex((words) => words.includes("value: 'groq'")) + 1
    expect(faultsOf({ ...good, label: '' }, AiProviders, source)[0]).toMatch(
      new RegExp(`providers/index\\.ts:${line}: "groq": label is empty`),
    )
  })
})
