import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')

it('the lock file names no download address', () => {
  const { packages } = JSON.parse(read('package-lock.json'))
  const addresses = Object.values<{ resolved?: string }>(packages).flatMap(({ resolved }) => resolved ?? [])
  expect(addresses.filter((address) => !/^(packages|tools)\//.test(address))).toEqual([])
})

it('every dependency is exact, and all of nx has one version', () => {
  const manifests = tracked.filter((file) => /(^|\/)package\.json$/.test(file)).map((file) => JSON.parse(read(file)))
  const all = manifests.flatMap(({ dependencies, devDependencies, optionalDependencies }) =>
    Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies }),
  )
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  expect(new Set(all.flatMap(([name, version]) => (/^@?nx(\/|$)/.test(name) ? [version] : []))).size).toBe(1)
})

it('the top level holds what the house says', () => {
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

it('no file names a path of a machine or a registry', () => {
  const words = ['/wor' + 'k/', '/ro' + 'ot/', 'registry.' + 'npmjs']
  const naming = tracked.filter((file) => words.some((word) => read(file).includes(word)))
  expect(naming).toEqual([])
})

it('the tests run on the Node that npm brings', () => {
  expect(process.version).toMatch(/^v24\./)
})
