import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { type AiProviderMetadata, AiProviders, authHeader, capabilitiesOf } from '../src/index.ts'

const entries: readonly AiProviderMetadata[] = AiProviders

describe('authHeader', () => {
  it('is a bearer token, a header of any name, or whatever the mapper makes; always the same (S02)', () => {
    const bearer = authHeader({ bearer: true })
    const named = authHeader({ name: 'x-api-key', bearer: false })
    const mapped = authHeader({ name: 'Authorization', bearer: false, mapper: (key) => `Key ${key}` })
    for (const _twice of [1, 2]) {
      expect([bearer.name, bearer.mapper('k')]).toEqual(['Authorization', 'Bearer k'])
      expect([named.name, named.mapper('k')]).toEqual(['x-api-key', 'k'])
      expect([mapped.name, mapped.mapper('k')]).toEqual(['Authorization', 'Key k'])
    }
  })
})

describe('the registry', () => {
  it('is sorted and has every value and label once (S01)', () => {
    const values = entries.map((entry) => entry.value)
    expect(values).toEqual([...new Set(values)].sort())
    expect(new Set(entries.map((entry) => entry.label)).size).toBe(entries.length)
  })

  it.each(entries)('$value is whole (S01, S04)', (entry) => {
    expect(entry.value).toMatch(/^[a-z0-9-]+$/)
    expect(entry.instructionsMarkdown).toMatch(/https:\/\//)
    const { protocol, hostname } = new URL(entry.defaultBaseUrl)
    if (hostname !== 'localhost') expect(protocol).toBe('https:')
    const ids = entry.models.map((model) => model.value)
    expect(new Set(ids).size).toBe(ids.length)
    for (const model of entry.models) {
      expect(model.label).not.toBe('')
      expect(capabilitiesOf(model).length).toBeGreaterThan(0)
    }
  })

  it.each(entries)('$value has a logo that is shipped', async ({ value, logoUrl, label }) => {
    expect(logoUrl).toBe(`/logos/${value}.svg`)
    const logo = await readFile(new URL(`..${logoUrl}`, import.meta.url), 'utf8')
    expect(logo).toContain(`>${label}</title>`)
  })

  it('loads no SDK, no framework and no zod when it is imported, and makes no request (S05, S06)', async () => {
    const script = `
      import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) })
      globalThis.fetch = () => { throw new Error('a request at import') }
      const { AI, AiProviders } = await import('@activepieces/pieces-common')
      for (const { value } of AiProviders) AI({ provider: value, server: { apiUrl: 'http://127.0.0.1/', token: 't' } })
      console.log(JSON.stringify(loaded.filter((url) => url.includes('node_modules'))))
    `
    const run = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
    })
    expect(JSON.parse(run.stdout)).toEqual([])
  })
})
