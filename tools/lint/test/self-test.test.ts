import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALLOWED, BOUNDARIES, RULES } from './violations.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const VIOLATIONS = [...RULES, ...BOUNDARIES]

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-self-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('Biome', () => {
  it('reports nothing for valid files', async () => {
    const valid = VIOLATIONS.map(({ file }) => [file, 'export const valid = 1'])
    expect([...(await biome('valid', { ...Object.fromEntries(valid), ...ALLOWED }))]).toEqual([])
  })

  it('reports every violation of a boundary or rule', async () => {
    const reported = await biome('invalid', Object.fromEntries(VIOLATIONS.map(({ file, code }) => [file, code])))
    const missed = VIOLATIONS.filter(({ file, reports }) => !reports.test(reported.get(file) ?? ''))
    expect(missed.map(({ name, file }) => `${name}: ${reported.get(file) ?? 'nothing'}`)).toEqual([])
  })

  it('gets one file per violation', () => {
    expect(new Set(VIOLATIONS.map(({ file }) => file)).size).toBe(VIOLATIONS.length)
  })
})

describe('knip', () => {
  const server = { name: '@activepieces/server', type: 'module', exports: './src/index.ts' }
  const declared = { ...server, dependencies: { '@activepieces/contract': '0.1.0' } }

  it('reports nothing if every import is declared and every export is used', async () => {
    expect(await knip('valid', workspaces(declared, 'export const used = 1'))).toBe('')
  })

  it('reports an unused export and an undeclared workspace import', async () => {
    const output = await knip('invalid', workspaces(server, 'export const used = 1\nexport const dead = 2'))
    expect(output).toMatch(/Unlisted dependencies[\s\S]*@activepieces\/contract\s+packages\/server\/src\/index\.ts/)
    expect(output).toMatch(/Unused exports[\s\S]*dead\s+packages\/server\/src\/other\.ts/)
  })

  it('reports an unused file and an unused dependency', async () => {
    const tree = workspaces(
      { ...declared, dependencies: { ...declared.dependencies, jose: '6.2.17' } },
      'export const used = 1',
    )
    const output = await knip('idle', { ...tree, 'packages/server/src/idle.ts': 'export const idle = 1' })
    expect(output).toMatch(/Unused files[\s\S]*packages\/server\/src\/idle\.ts/)
    expect(output).toMatch(/Unused dependencies[\s\S]*jose\s+packages\/server\/package\.json/)
  })

  function workspaces(server: object, other: string) {
    const contract = { name: '@activepieces/contract', type: 'module', exports: './src/index.ts' }
    return {
      'package.json': JSON.stringify({ name: 'self-test', private: true, type: 'module', workspaces: ['packages/*'] }),
      'packages/contract/package.json': JSON.stringify(contract),
      'packages/contract/src/index.ts': 'export const b = 1',
      'packages/server/package.json': JSON.stringify(server),
      'packages/server/src/index.ts': "export { used } from './other.ts'\nexport * from '@activepieces/contract'",
      'packages/server/src/other.ts': other,
    }
  }
})

/** Runs Biome with our settings on a folder with these files. @returns its diagnostics by file */
async function biome(name: string, files: Record<string, string>): Promise<Map<string, string>> {
  const tree = await writeTree(name, files)
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
  const reported = new Map<string, string>()
  for (const diagnostic of JSON.parse(stdout).diagnostics) {
    const { path } = diagnostic.location
    const file = typeof path === 'string' ? path : path.file
    reported.set(file, `${reported.get(file) ?? ''}${JSON.stringify(diagnostic)}\n`)
  }
  return reported
}

async function knip(name: string, files: Record<string, string>): Promise<string> {
  const tree = await writeTree(`knip-${name}`, files)
  await cp(join(ROOT, '.knip.jsonc'), join(tree, '.knip.jsonc'))
  return run(tree, join(ROOT, 'node_modules/knip/bin/knip.js'), '--no-config-hints')
}

async function writeTree(name: string, files: Record<string, string>): Promise<string> {
  for (const [file, code] of Object.entries(files)) {
    const path = join(folder, name, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `${code}\n`)
  }
  return join(folder, name)
}

/** Runs a program that exits with 0 or 1. @returns its output. @throws if it exits with another code */
async function run(cwd: string, ...args: string[]): Promise<string> {
  const done = promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 64 * 1024 * 1024 })
  const { stdout } = await done.catch((failed: { code: number; stdout: string }) => {
    if (failed.code !== 1) throw failed
    return failed
  })
  return stdout
}

it('has exactly one boundary per folder of the library', async () => {
  const settings = await readFile(join(ROOT, '.biome.jsonc'), 'utf8')
  const bounded = [...settings.matchAll(/"packages\/pieces\/community\/common\/src\/lib\/ai\/(\w+)\/\*\*"/g)].map(
    ([, name]) => name,
  )
  const entries = await readdir(join(ROOT, 'packages/pieces/community/common/src/lib/ai'), { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(folders.length).toBeGreaterThan(0)
  expect(bounded.sort()).toEqual(folders.sort())
})
