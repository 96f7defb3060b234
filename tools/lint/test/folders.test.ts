import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const SOURCE = join(import.meta.dirname, '../../../packages/server/src')

/** `noImportCycles` compares files and ignores type imports; this compares folders and counts both. */
it('no two folders of the server import each other', () => {
  const imports = folderImports(SOURCE)
  expect(imports.size).toBeGreaterThan(20)
  const mutual = [...imports].filter((edge) => imports.has(edge.split(' → ').reverse().join(' → ')))
  expect(mutual).toEqual([])
})

/** Imports from one folder to another, as `proxy → domain/usage`. Programs of the top folder are not counted. */
function folderImports(root: string): Set<string> {
  const edges = new Set<string>()
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))) {
    for (const [, target = ''] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from |import\(?)'(\.[^']+)'/g)) {
      const to = relative(root, dirname(join(root, dirname(file), target)))
      if (to !== dirname(file) && to !== '') edges.add(`${dirname(file)} → ${to}`)
    }
  }
  return edges
}
