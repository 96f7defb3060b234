import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALLOWED, RULES, WALLS } from './plants.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const PLANTS = [...RULES, ...WALLS]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the canary', () => {
  it('is quiet where nothing is wrong', async () => {
    const right = PLANTS.map(({ file }) => [file, 'export const right = 1'])
    expect([...(await biome('right', { ...Object.fromEntries(right), ...ALLOWED }))]).toEqual([])
  })

  it('sings at every wall and rule', async () => {
    const said = await biome('wrong', Object.fromEntries(PLANTS.map(({ file, code }) => [file, code])))
    const silent = PLANTS.filter(({ file, says }) => !says.test(said.get(file) ?? ''))
    expect(silent.map(({ name, file }) => `${name}: ${said.get(file) ?? 'nothing'}`)).toEqual([])
  })

  it('has a file of its own for each plant', () => {
    expect(new Set(PLANTS.map(({ file }) => file)).size).toBe(PLANTS.length)
  })
})

describe('knip', () => {
  const server = { name: '@activepieces/server', type: 'module', exports: './src/index.ts' }
  const declared = { ...server, dependencies: { '@activepieces/contract': '0.1.0' } }

  it('is quiet where every import is declared and every export is used', async () => {
    expect(await knip('right', workspaces(declared, 'export const used = 1'))).toBe('')
  })

  it('flags a dead export and a workspace that is imported without being declared', async () => {
    const said = await knip('wrong', workspaces(server, 'export const used = 1\nexport const dead = 2'))
    expect(said).toMatch(/Unlisted dependencies[\s\S]*@activepieces\/contract\s+packages\/server\/src\/index\.ts/)
    expect(said).toMatch(/Unused exports[\s\S]*dead\s+packages\/server\/src\/other\.ts/)
  })

  it('flags a file that nobody imports and a dependency that nobody uses', async () => {
    const tree = workspaces(
      { ...declared, dependencies: { ...declared.dependencies, jose: '6.2.17' } },
      'export const used = 1',
    )
    const said = await knip('idle', { ...tree, 'packages/server/src/idle.ts': 'export const idle = 1' })
    expect(said).toMatch(/Unused files[\s\S]*packages\/server\/src\/idle\.ts/)
    expect(said).toMatch(/Unused dependencies[\s\S]*jose\s+packages\/server\/package\.json/)
  })

  function workspaces(server: object, other: string) {
    const contract = { name: '@activepieces/contract', type: 'module', exports: './src/index.ts' }
    return {
      'package.json': JSON.stringify({ name: 'planted', private: true, type: 'module', workspaces: ['packages/*'] }),
      'packages/contract/package.json': JSON.stringify(contract),
      'packages/contract/src/index.ts': 'export const b = 1',
      'packages/server/package.json': JSON.stringify(server),
      'packages/server/src/index.ts': "export { used } from './other.ts'\nexport * from '@activepieces/contract'",
      'packages/server/src/other.ts': other,
    }
  }
})

/** What Biome says of a tree that holds these files and our settings, by file. */
async function biome(name: string, files: Record<string, string>): Promise<Map<string, string>> {
  const tree = await grow(name, files)
  await cp(join(ROOT, '.biome.jsonc'), join(tree, '.biome.jsonc'))
  for (const plugin of ['sdk-types-only.grit', 'server-layers.grit']) {
    await cp(join(ROOT, 'tools/lint', plugin), join(tree, 'tools/lint', plugin))
  }
  const program = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  const stdout = await run(
    tree,
    program,
    'check',
    '--vcs-enabled=false',
    '--max-diagnostics=none',
    '--reporter=json',
    '.',
  )
  const said = new Map<string, string>()
  for (const diagnostic of JSON.parse(stdout).diagnostics) {
    const { path } = diagnostic.location
    const file = typeof path === 'string' ? path : path.file
    said.set(file, `${said.get(file) ?? ''}${JSON.stringify(diagnostic)}\n`)
  }
  return said
}

async function knip(name: string, files: Record<string, string>): Promise<string> {
  const tree = await grow(`knip-${name}`, files)
  await cp(join(ROOT, '.knip.jsonc'), join(tree, '.knip.jsonc'))
  return run(tree, join(ROOT, 'node_modules/knip/bin/knip.js'), '--no-config-hints')
}

async function grow(name: string, files: Record<string, string>): Promise<string> {
  for (const [file, code] of Object.entries(files)) {
    const path = join(folder, name, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `${code}\n`)
  }
  return join(folder, name)
}

/** What a program says, green or red; one that cannot run at all throws. */
async function run(cwd: string, ...args: string[]): Promise<string> {
  const done = promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 64 * 1024 * 1024 })
  const { stdout } = await done.catch((failed: { code: number; stdout: string }) => {
    if (failed.code !== 1) throw failed
    return failed
  })
  return stdout
}

it('gives every folder of the library a boundary of its own, and every boundary names a folder', async () => {
  const settings = await readFile(join(ROOT, '.biome.jsonc'), 'utf8')
  const bounded = [...settings.matchAll(/"packages\/pieces\/community\/common\/src\/lib\/ai\/(\w+)\/\*\*"/g)].map(
    ([, name]) => name,
  )
  const entries = await readdir(join(ROOT, 'packages/pieces/community/common/src/lib/ai'), { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(folders.length).toBeGreaterThan(0)
  expect(bounded.sort()).toEqual(folders.sort())
})
