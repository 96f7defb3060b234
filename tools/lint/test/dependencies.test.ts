import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

it('DEPENDENCIES.md names exactly the dependencies of all packages', () => {
  const manifests = execFileSync('git', ['ls-files', '*package.json'], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n')
  const names = manifests.flatMap((file) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
  })
  const workspaces = new Set(manifests.map((file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8')).name))
  const page = readFileSync(join(ROOT, '.github/DEPENDENCIES.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(.+?)`/g)])
  const named = rows.map(([, name]) => name)
  expect(named.toSorted()).toEqual([...new Set(names)].filter((name) => !workspaces.has(name)).toSorted())
})
