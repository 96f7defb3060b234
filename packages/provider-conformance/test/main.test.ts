import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '../src/main.ts')

/** `npm run conformance`, without npm and without a key. */
function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env: { PATH: process.env['PATH'] } }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

it.concurrent.each([
  [['nope'], /^There is no provider "nope"\. Providers: amazon-bedrock, .*\n$/],
  [['--nope'], /^Unknown option --nope\. Options: --live, --table, --model, --help\.\n$/],
  [['groq', '--live'], /^--live needs a key: set GROQ_API_KEY\.\n$/],
  [['--live'], /^--live needs a key: set one of <PROVIDER>_API_KEY, e\.g\. AMAZON_BEDROCK_API_KEY\.\n$/],
  [['--model', 'x'], /^--model needs one provider, [^\n]*\n$/],
  [['--table', 'groq'], /^--table covers all providers[^\n]*\n$/],
])('conformance %j prints one line and exits with code 2', async (args, words) => {
  const { code, stdout, stderr } = await run(...args)
  expect(stderr).toMatch(words)
  expect([code, stdout]).toEqual([2, ''])
})

it('conformance --help prints the usage', async () => {
  const { code, stdout, stderr } = await run('--help')
  expect(stdout).toMatch(/^Usage: npm run conformance -- [\s\S]*--live[\s\S]*--table/)
  expect([code, stderr]).toEqual([0, ''])
})
