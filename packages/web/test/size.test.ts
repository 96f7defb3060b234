import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type {} from '@activepieces/test-support/provided-context'
import { expect, inject, test } from 'vitest'

type Chunk = { file: string; isEntry?: boolean; imports?: string[] }

const read = (file: string) => readFileSync(join(inject('consoleDir'), file))
// SAFETY: the form of a manifest of Vite.
const manifest = JSON.parse(String(read('.vite/manifest.json'))) as Record<string, Chunk>

/** A chunk and everything that it loads before it runs. */
function withImports(name: string, seen = new Set<string>()): Set<string> {
  if (!seen.has(name)) {
    seen.add(name)
    for (const next of manifest[name]?.imports ?? []) withImports(next, seen)
  }
  return seen
}

test('the script of the first load is at most 250 KB in gzip', () => {
  const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry) ?? ''
  const files = [...withImports(entry)].map((name) => manifest[name]?.file ?? '')
  const bytes = files.reduce((sum, file) => sum + gzipSync(read(file)).length, 0)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThanOrEqual(250_000)
})

test('no chunk holds an SDK of a vendor', () => {
  const scripts = Object.values(manifest).filter(({ file }) => file.endsWith('.js'))
  for (const { file } of scripts) {
    expect(String(read(file)), file).not.toMatch(/anthropic-version|x-stainless|OpenAI-Organization|x-goog-api-client/i)
  }
})
