import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)))

it('the lock file contains no download URLs', () => {
  const { packages } = JSON.parse(read('package-lock.json'))
  const addresses = Object.values<{ resolved?: string }>(packages).flatMap(({ resolved }) => resolved ?? [])
  expect(addresses.filter((address) => !/^(packages|tools)\//.test(address))).toEqual([])
})

it('every dependency has an exact version, and all nx packages the same one', () => {
  const manifests = tracked.filter((file) => /(^|\/)package\.json$/.test(file)).map((file) => JSON.parse(read(file)))
  const all = manifests.flatMap(({ dependencies, devDependencies, optionalDependencies }) =>
    Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies }),
  )
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  expect(new Set(all.flatMap(([name, version]) => (/^@?nx(\/|$)/.test(name) ? [version] : []))).size).toBe(1)
})

it('the top-level folder contains only the expected files', () => {
  const names = new Set(tracked.map((file) => file.split('/')[0] ?? '').filter((name) => !name.startsWith('.')))
  expect([...names].sort()).toEqual([
    'LICENSE',
    'README.md',
    'nx.json',
    'package-lock.json',
    'package.json',
    'packages',
    'tools',
    'tsconfig.base.json',
    'vitest.config.ts',
  ])
})

it('no file contains a path of a machine or the address of a registry', () => {
  // Assembled from parts, so this file does not contain them.
  const folders = ['work', 'root', 'home', 'Users'].map((folder) => `/${folder}/`)
  const hosts = ['registry', 'npm'].flatMap((name) =>
    ['npmjs', 'yarnpkg', 'npmmirror', 'pkg'].map((of) => `${name}.${of}.`),
  )
  const naming = tracked.flatMap((file) => {
    const text = read(file)
    return [...folders, ...hosts].filter((word) => names(text, word)).map((word) => `${file}: ${word}`)
  })
  expect(naming).toEqual([])
})

it('the tests run on the Node version that npm installs', () => {
  expect(process.version).toMatch(/^v24\./)
})

it('the library contract does not name a vendor outside comments', () => {
  const folder = 'packages/pieces/community/common/src/lib/ai'
  const vendors = tracked.flatMap((file) => file.match(/lib\/ai\/providers\/(?!index)([\w-]+)\.ts$/)?.[1] ?? [])
  expect(vendors).toContain('openai')
  const code = tracked
    .filter((file) => file.startsWith(`${folder}/contract`))
    .map((file) => read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))
    .join('\n')
  expect(code).toContain('export interface AIClient')
  expect(vendors.filter((vendor) => new RegExp(`\\b${vendor}\\b`, 'i').test(code))).toEqual([])
})

/** Whether the text contains the word, except inside a longer path or URL. */
function names(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!word.startsWith('/') || !/[\w.}:/-]/.test(text[at - 1] ?? ' ')) return true
  }
  return false
}
