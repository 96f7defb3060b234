import { type AiProviderMetadata, AiProviders, authHeader } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import { faultsOf } from '../src/entry.ts'
import { registrySource } from '../src/source.ts'

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
    [
      'with a request header in capitals',
      { requestHeaders: ['X-Trace'] },
      'requestHeaders[0] is not the name of a header in lower case',
    ],
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
    [
      'with images by halves',
      { factory: () => ({ provider: 'X', chat: { text: () => undefined }, image: {} }) },
      'what factory gives: image.generate is no function',
    ],
    [
      'with a model for images that nobody makes',
      { models: [model, { ...model, value: 'draws', supported: ['image'] }] },
      'models has "draws" for images, and factory gives no image',
    ],
    ['without any', { factory: () => ({ provider: 'X' }) }, 'what factory gives: chat is missing; expected { text }'],
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

  describe('is told with the line to mend', () => {
    const source = registrySource()
    const rows = source.text.split('\n')
    const groqAt = rows.findIndex((words) => words.includes("value: 'groq'"))
    const lineOf = (field: string) => rows.findIndex((words, index) => index > groqAt - 5 && words.includes(field)) + 1
    const told = (change: object) => {
      const entry = { ...good, ...change }
      const registry = AiProviders.map((known) => (known.value === 'groq' ? entry : known))
      return faultsOf(entry, registry, source)
    }

    it.each([
      [{ label: '' }, 'label:', '"groq": label is empty'],
      [{ logoUrl: 'logo.png' }, 'logoUrl:', '"groq": logoUrl is no https, data or root-relative URL'],
      [
        { value: undefined },
        'value:',
        `the entry at place ${AiProviders.findIndex(({ value }) => value === 'groq')}: value is missing`,
      ],
      [{ auth: undefined }, 'auth:', '"groq": auth is missing; authHeader({ bearer: true }) makes one'],
      [{ models: [{ label: 'N' }] }, 'models:', '"groq": models[0].value is missing (written in ./groq.ts)'],
      [
        { factory: () => ({ provider: 'X', chat: { stream: () => undefined } }) },
        'factory:',
        '"groq": what factory gives: chat.text is no function (written in ./groq.ts)',
      ],
    ])('%j', (change, field, words) => {
      const fault = told(change)[0]
      expect(fault).toMatch(/^\S*providers\/index\.ts:\d+: /)
      expect(fault?.replace(/^.*?index\.ts/, '')).toBe(`:${lineOf(field)}: ${words}`)
    })

    it('of the value where the field itself is not there, and of the entry where both are not', () => {
      const at = (text: string, entry: object) => faultsOf(entry, [entry], { path: 'index.ts', text })[0]
      const { label: _label, ...nameless } = good
      expect(at("const AiProviders = [\n  {\n    value: 'groq' as const,\n  },\n]\n", nameless)).toBe(
        'index.ts:3: "groq": label is missing',
      )
      const { value: _value, ...valueless } = good
      expect(at('const AiProviders = [\n  {\n  },\n]\n', valueless)).toBe(
        'index.ts:2: the entry at place 0: value is missing',
      )
    })

    it('of each label that is there more than once', () => {
      const label = lineOf('label:')
      const other = rows.findIndex((words) => words.includes("label: 'OpenAI' as const")) + 1
      const twice = {
        path: source.path,
        text: source.text.replace("label: 'Groq' as const", "label: 'OpenAI' as const"),
      }
      const entry = { ...good, label: 'OpenAI' }
      const registry = AiProviders.map((known) => (known.value === 'groq' ? entry : known))
      expect(faultsOf(entry, registry, twice)).toEqual([
        `${source.path}:${label}: "groq": label "OpenAI" is there more than once (lines ${label} and ${other}); each entry has its own`,
      ])
    })
  })
})
