import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { resolveOptions } from '../src/options.ts'
import { entriesOf, namesFor, REGISTRY, withEntry } from '../src/registry.ts'
import { providerFile } from '../src/templates.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const registry = readFileSync(join(ROOT, REGISTRY), 'utf8')

describe('resolveOptions', () => {
  it('fills in defaults for all options but the name, also for empty answers', () => {
    const bare = {
      value: 'my-vendor',
      label: 'My Vendor',
      baseUrl: 'https://api.my-vendor.example',
      version: undefined,
      header: undefined,
      wire: 'openai-compatible',
    }
    expect(resolveOptions({ name: 'my-vendor' })).toEqual(bare)
    expect(resolveOptions({ name: 'my-vendor', label: ' ', baseUrl: '', authHeader: '', wire: '' })).toEqual(bare)
  })

  it.each([
    ['https://api.my-vendor.com/openai/v1/', 'https://api.my-vendor.com/openai', '/v1'],
    ['https://api.my-vendor.com/v1beta', 'https://api.my-vendor.com', '/v1beta'],
    ['https://my-vendor.com/api//', 'https://my-vendor.com/api', undefined],
    ['http://localhost:8000', 'http://localhost:8000', undefined],
  ])('splits the base URL %s into %s and %s', (text, baseUrl, version) => {
    expect(resolveOptions({ name: 'my-vendor', baseUrl: text })).toMatchObject({ baseUrl, version })
  })

  it.each([
    ['My_Vendor', {}, 'name is "My_Vendor"; allowed: lower-case letters, digits and single hyphens'],
    ['my--vendor', {}, 'name is "my--vendor"; allowed: '],
    ['4you', {}, 'starting with a letter'],
    ['../evil', {}, 'name is "../evil"; allowed: '],
    ['ok', { label: 'a `b`' }, 'label is "a `b`"; allowed: '],
    ['ok', { label: 'two\nlines' }, 'label is "two\nlines"; allowed: '],
    ['ok', { authHeader: 'x: y' }, 'authHeader is "x: y"; allowed: bearer, or a header\'s name such as x-api-key'],
    ['ok', { wire: 'soap' }, 'wire is "soap"; allowed: openai-compatible or own'],
    ['ok', { baseUrl: 'api.ok.com' }, 'baseUrl is "api.ok.com"; allowed: an https URL'],
    ['ok', { baseUrl: 'http://api.ok.com' }, 'or an http URL on localhost'],
    ['ok', { baseUrl: 'https://api.ok.com?key=1' }, 'without a query'],
  ])('rejects %s %j', (name, options, message) => {
    expect(() => resolveOptions({ name, ...options })).toThrow(message)
  })

  it('names all invalid options', () => {
    expect(() => resolveOptions({ name: 'ok', wire: 'soap', authHeader: '?' })).toThrow(/authHeader is .*\nwire is /)
  })
})

it('uses a version other than /v1 as the path of the provider', () => {
  const names = { factory: 'f', models: 'm', instructions: 'i' }
  const fileAt = (baseUrl: string) => providerFile(resolveOptions({ name: 'my-vendor', baseUrl }), names)
  expect(fileAt('https://api.my-vendor.com/v2')).toContain("path: '/v2',")
  expect(fileAt('https://api.my-vendor.com/v1')).not.toContain('path')
})

describe('the registry', () => {
  const names = { factory: 'f', models: 'm', instructions: 'i' }
  const entry = (value: string) => `  {\n    value: '${value}' as const,\n  },\n`
  const valuesOf = (source: string) => entriesOf(source).flatMap(({ field, text }) => (field === 'value' ? [text] : []))

  it.each(['aaa', 'anthropic-2', 'my-vendor', 'openai-b', 'openai-z', 'zzz'])('adds %s in sorted order', (value) => {
    const extended = withEntry(registry, value, names, entry(value))
    expect(valuesOf(extended)).toEqual([...valuesOf(registry), value].sort())
    expect(extended).toContain(`import { f, i, m } from './${value}.ts'\n`)
    expect(extended.replace(entry(value), '').replace(/^import .*\n/, '')).toBe(registry)
  })

  it('is rejected if it is not formatted as expected', () => {
    expect(() => withEntry('export const AiProviders = [{}]', 'x', names, entry('x'))).toThrow(/npm run format/)
  })

  it('avoids names that are already taken', () => {
    expect(namesFor('my-vendor', registry)).toEqual({
      factory: 'myVendor',
      models: 'myVendorModels',
      instructions: 'myVendorInstructions',
    })
    expect(namesFor('delete', registry)).toEqual({
      factory: 'deleteProvider',
      models: 'deleteProviderModels',
      instructions: 'deleteProviderInstructions',
    })
    expect(namesFor('auth-header', registry).factory).toBe('authHeaderProvider')
    expect(namesFor('models', registry).factory).toBe('modelsProvider')
  })
})
