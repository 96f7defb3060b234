import { type AiProviderMetadata, AiProviders, authHeader } from '@activepieces/pieces-common'
import { describe, expect, it } from 'vitest'
import { faultsOf } from '../src/entry.ts'
import { registrySource } from '../src/source.ts'

const good: AiProviderMetadata = AiProviders.find(({ value }) => value === 'groq') ?? AiProviders[0]
const model = { label: 'M', value: 'm' }

describe('registry entries', () => {
  it.each(AiProviders)('$value is valid', (entry) => {
    expect(faultsOf(entry, AiProviders, registrySource())).toEqual([])
  })

  const wrong: [string, object, string][] = [
    ['without a value', { value: undefined }, 'value is missing'],
    [
      'with an invalid value',
      { value: 'My Vendor' },
      'value may contain only lowercase letters, digits and single hyphens',
    ],
    ['without a label', { label: ' ' }, 'label is empty'],
    ['without a logo', { logoUrl: undefined }, 'logoUrl is missing'],
    ['without instructions', { instructionsMarkdown: '' }, 'instructionsMarkdown is empty'],
    ['with an invalid base URL', { defaultBaseUrl: 'api.example.com' }, 'defaultBaseUrl must be an http or https URL'],
    [
      'with a version in the base URL',
      { defaultBaseUrl: 'https://api.example.com/v1' },
      'defaultBaseUrl must not end in a slash or an API version',
    ],
    ['without auth', { auth: undefined }, 'auth is missing; use authHeader({ bearer: true })'],
    [
      'with an uppercase request header',
      { requestHeaders: ['X-Trace'] },
      'requestHeaders[0] must be a lowercase header name',
    ],
    ['with an incomplete auth', { auth: { name: 'x-api-key' } }, 'auth.mapper must be a function'],
    ['without models', { models: undefined }, 'models must be an array of models'],
    ['with a model without an id', { models: [model, { label: 'N' }] }, 'models[1].value is missing'],
    ['with a duplicate model', { models: [model, model] }, 'models contains "m" more than once'],
    [
      'with an unknown capability',
      { models: [{ ...model, supported: ['text', 'telepathy'] }] },
      'models[0].supported[1] is "telepathy"; allowed are text, image',
    ],
    ['without a factory', { factory: undefined }, 'factory must be a function'],
    ['with a factory that throws', { factory: () => expect.fail('no SDK') }, 'factory throws no SDK'],
    [
      'with a chat without text',
      { factory: () => ({ provider: 'X', chat: { stream: () => undefined } }) },
      'factory(): chat.text must be a function',
    ],
    [
      'with an incomplete image API',
      { factory: () => ({ provider: 'X', chat: { text: () => undefined }, image: {} }) },
      'factory(): image.generate must be a function',
    ],
    [
      'with an image model but no image API',
      { models: [model, { ...model, value: 'draws', supported: ['image'] }] },
      'models lists "draws" for images, but factory returns no image',
    ],
    ['without chat', { factory: () => ({ provider: 'X' }) }, 'factory(): chat is missing; expected { text }'],
  ]
  it.each(wrong)('reports an entry %s', (_what, change, fault) => {
    const entry = { ...good, value: 'new', label: 'New', ...change }
    const faults = faultsOf(entry, [...AiProviders, entry])
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(fault)
  })

  it('reports a duplicate value with both lines', () => {
    const text = `const AiProviders = [\n  {\n    label: 'Groq',\n    value: 'groq' as const,\n  },\n  {\n    value: 'groq' as const,\n  },\n]\n`
    const twin = { ...good, label: 'Groq again', auth: authHeader({ bearer: true }) }
    expect(faultsOf(twin, [...AiProviders, twin], { path: 'providers/index.ts', text })).toEqual([
      'providers/index.ts:4: "groq": value "groq" is used more than once (lines 4 and 7); it must be unique',
    ])
  })

  describe('reports the line to change', () => {
    const source = registrySource()
    const rows = source.text.split('\n')
    const groqAt = rows.findIndex((words) => words.includes("value: 'groq'"))
    const lineOf = (field: string) => rows.findIndex((words, index) => index > groqAt - 5 && words.includes(field)) + 1
    const faultsWith = (change: object) => {
      const entry = { ...good, ...change }
      const registry = AiProviders.map((known) => (known.value === 'groq' ? entry : known))
      return faultsOf(entry, registry, source)
    }

    it.each([
      [{ label: '' }, 'label:', '"groq": label is empty'],
      [{ logoUrl: 'logo.png' }, 'logoUrl:', '"groq": logoUrl must be an https, data or root-relative URL'],
      [
        { value: undefined },
        'value:',
        `the entry at index ${AiProviders.findIndex(({ value }) => value === 'groq')}: value is missing`,
      ],
      [{ auth: undefined }, 'auth:', '"groq": auth is missing; use authHeader({ bearer: true })'],
      [{ models: [{ label: 'N' }] }, 'models:', '"groq": models[0].value is missing (defined in ./groq.ts)'],
      [
        { factory: () => ({ provider: 'X', chat: { stream: () => undefined } }) },
        'factory:',
        '"groq": factory(): chat.text must be a function (defined in ./groq.ts)',
      ],
    ])('%j', (change, field, words) => {
      const fault = faultsWith(change)[0]
      expect(fault).toMatch(/^\S*providers\/index\.ts:\d+: /)
      expect(fault?.replace(/^.*?index\.ts/, '')).toBe(`:${lineOf(field)}: ${words}`)
    })

    it("of the entry's value if the field is missing, and of the entry if both are missing", () => {
      const at = (text: string, entry: object) => faultsOf(entry, [entry], { path: 'index.ts', text })[0]
      const { label: _label, ...nameless } = good
      expect(at("const AiProviders = [\n  {\n    value: 'groq' as const,\n  },\n]\n", nameless)).toBe(
        'index.ts:3: "groq": label is missing',
      )
      const { value: _value, ...valueless } = good
      expect(at('const AiProviders = [\n  {\n  },\n]\n', valueless)).toBe(
        'index.ts:2: the entry at index 0: value is missing',
      )
    })

    it('of each duplicate label', () => {
      const label = lineOf('label:')
      const other = rows.findIndex((words) => words.includes("label: 'OpenAI' as const")) + 1
      const twice = {
        path: source.path,
        text: source.text.replace("label: 'Groq' as const", "label: 'OpenAI' as const"),
      }
      const entry = { ...good, label: 'OpenAI' }
      const registry = AiProviders.map((known) => (known.value === 'groq' ? entry : known))
      expect(faultsOf(entry, registry, twice)).toEqual([
        `${source.path}:${label}: "groq": label "OpenAI" is used more than once (lines ${label} and ${other}); it must be unique`,
      ])
    })
  })
})
