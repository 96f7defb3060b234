import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const AI = 'packages/pieces/community/common/src/lib/ai'

/** A violation, where it stands, and what Biome has to say of it. Without the violation the file is empty. */
const PLANTS: { name: string; file: string; code: string; says: RegExp }[] = [
  plant('any', `${AI}/any.ts`, 'export const wrong: any = 1', /noExplicitAny/),
  plant('enum', `${AI}/enum.ts`, 'export enum Wrong {\n  A = 1,\n}', /noEnum/),
  plant('default export', `${AI}/default.ts`, 'export default 1', /noDefaultExport/),
  plant(
    'non-null assertion',
    `${AI}/non-null.ts`,
    "export const wrong = process.env['A']!.length",
    /noNonNullAssertion/,
  ),
  plant(
    'floating promise',
    `${AI}/floating.ts`,
    'async function late() {}\nexport function wrong() {\n  late()\n}',
    /noFloatingPromises/,
  ),
  plant('unused variable', `${AI}/unused.ts`, 'export function wrong() {\n  const unused = 1\n}', /noUnusedVariables/),
  plant('console', `${AI}/console.ts`, "console.log('wrong')", /noConsole/),
  plant('no extension', `${AI}/extension.ts`, "export * from './any'", /useImportExtensions/),
  plant('cycle', `${AI}/cycle-a.ts`, "import { b } from './cycle-b.ts'\n\nexport const a = () => b", /noImportCycles/),
  plant(
    'cycle, other end',
    `${AI}/cycle-b.ts`,
    "import { a } from './cycle-a.ts'\n\nexport const b = () => a",
    /noImportCycles/,
  ),
  wall('contract → server', 'packages/contract/src/wall.ts', '@activepieces/server', /The contract is a leaf/),
  wall(
    'piece → server',
    'packages/pieces/community/text-ai/src/wall.ts',
    '@activepieces/server',
    /A piece knows the library/,
  ),
  wall('piece → SDK', 'packages/pieces/community/text-ai/src/sdk.ts', 'openai', /A piece works with every vendor/),
  wall('web → library', 'packages/web/src/wall.ts', '@activepieces/pieces-common', /by the contract/),
  wall('leaf → SDK', `${AI}/contract.ts`, 'openai', /A leaf of the library names no vendor/),
  wall('leaf → provider', `${AI}/errors.ts`, './providers/openai.ts', /A leaf stands left of protocols/),
  wall(
    'protocol → provider',
    `${AI}/protocols/wall.ts`,
    '../providers/openai.ts',
    /A protocol stands left of the providers/,
  ),
  wall('protocol → server', `${AI}/protocols/server.ts`, '@activepieces/server', /A protocol knows the contract/),
  wall('provider → provider', `${AI}/providers/wall.ts`, './openai.ts', /imports no other provider/),
  wall('provider → registry', `${AI}/providers/registry.ts`, './index.ts', /imports no other provider/),
  wall('provider → complete', `${AI}/providers/complete.ts`, '../complete.ts', /A provider stands left of complete/),
  wall('registry → protocol', `${AI}/providers/index.ts`, '../protocols/wall.ts', /The registry is data/),
  wall('complete → provider', `${AI}/complete.ts`, './providers/openai.ts', /complete knows none of them/),
  wall('ai → provider file', `${AI}/ai.ts`, './providers/openai.ts', /through the registry alone/),
  wall(
    'server → piece',
    'packages/server/src/wall.ts',
    '@activepieces/piece-text-ai',
    /Server and suite know the library/,
  ),
]

function plant(name: string, file: string, code: string, says: RegExp) {
  return { name, file, code, says }
}

function wall(name: string, file: string, target: string, says: RegExp) {
  return plant(name, file, `export * from '${target}'`, says)
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-'))
  await cp(join(ROOT, '.biome.jsonc'), join(folder, '.biome.jsonc'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What Biome says of the planted tree, by file. */
async function lint(codeOf: (code: string) => string): Promise<Map<string, string>> {
  for (const { file, code } of PLANTS) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), `${codeOf(code)}\n`)
  }
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json', '.']
  const done = promisify(execFile)(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 })
  const { stdout } = await done.catch((failed: { stdout: string }) => failed)
  const said = new Map<string, string>()
  for (const diagnostic of JSON.parse(stdout).diagnostics) {
    const { path } = diagnostic.location
    const file = typeof path === 'string' ? path : path.file
    said.set(file, `${said.get(file) ?? ''}${JSON.stringify(diagnostic)}\n`)
  }
  return said
}

describe('the canary', () => {
  it('is quiet where nothing is wrong', async () => {
    expect([...(await lint(() => 'export const right = 1'))]).toEqual([])
  })

  it('sings at every wall and rule', async () => {
    const said = await lint((code) => code)
    const silent = PLANTS.filter(({ file, says }) => !says.test(said.get(file) ?? ''))
    expect(silent.map(({ name, file }) => `${name}: ${said.get(file) ?? 'nothing'}`)).toEqual([])
  })
})

describe('knip', () => {
  it('flags a dead export and a workspace that is imported without being declared', async () => {
    const tree = {
      'package.json': JSON.stringify({ name: 'planted', private: true, type: 'module', workspaces: ['packages/*'] }),
      'packages/a/package.json': JSON.stringify({ name: '@planted/a', type: 'module', exports: './src/index.ts' }),
      'packages/a/src/index.ts': "export { used } from './other.ts'\nexport * from '@planted/b'\n",
      'packages/a/src/other.ts': 'export const used = 1\nexport const dead = 2\n',
      'packages/b/package.json': JSON.stringify({ name: '@planted/b', type: 'module', exports: './src/index.ts' }),
      'packages/b/src/index.ts': 'export const b = 1\n',
    }
    const planted = join(folder, 'knip')
    for (const [file, text] of Object.entries(tree)) {
      await mkdir(dirname(join(planted, file)), { recursive: true })
      await writeFile(join(planted, file), text)
    }
    const knip = promisify(execFile)(process.execPath, [join(ROOT, 'node_modules/knip/bin/knip.js')], { cwd: planted })
    const { stdout } = await knip.catch((failed: { stdout: string }) => failed)
    expect(stdout).toMatch(/Unused exports[\s\S]*dead/)
    expect(stdout).toMatch(/Unlisted[\s\S]*@planted\/b/)
  })
})
