import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')

/** Programs that the scripts of the workspace start, except `ask`: its help needs a server and is tested in tools/local. */
const manifests = execFileSync('git', ['ls-files', '*package.json'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n')
const programs = new Set(
  manifests.flatMap((manifest) => {
    const scripts: Record<string, string> = JSON.parse(readFileSync(join(ROOT, manifest), 'utf8')).scripts ?? {}
    const paths = Object.values(scripts).flatMap((line) => /^node (\S+)$/.exec(line)?.[1] ?? [])
    return paths.map((path) => join(dirname(manifest), path)).filter((path) => !path.endsWith('ask.ts'))
  }),
)

function run(program: string, option: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, program), option], { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

it('finds the programs of the workspace', () => {
  expect([...programs]).toContain('packages/provider-conformance/src/main.ts')
  expect(programs.size).toBeGreaterThan(6)
})

it.each([...programs])('%s supports --help and rejects an unknown option with one line', async (program) => {
  const [help, unknown] = await Promise.all([run(program, '--help'), run(program, '--nope')])
  expect([help.code, help.stderr]).toEqual([0, ''])
  expect(help.stdout).toMatch(/^Usage: npm /)
  expect([unknown.code, unknown.stdout]).toEqual([2, ''])
  expect(unknown.stderr).toMatch(/^Unknown option --nope\. Options: [^\n]+\n$/)
})
