import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { COMPILE_CACHE, DATABASE_FLAGS } from '@activepieces/test-support/node-settings'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const SRC = join(import.meta.dirname, '../src')

let dataDir: string
let env: NodeJS.ProcessEnv
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'local-'))
  env = { ...COMPILE_CACHE, PATH: process.env['PATH'], AP_DATA_DIR: dataDir, PORT: '0' }
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

/** Runs `npm run ask` without npm. */
async function ask(...args: string[]) {
  const run = promisify(execFile)(process.execPath, [...DATABASE_FLAGS, join(SRC, 'ask.ts'), ...args], {
    env,
    timeout: 60_000,
  })
  const { stdout, stderr, code } = await run.then((done) => ({ ...done, code: 0 })).catch((failed) => failed)
  return { stdout, stderr, code }
}

/** Runs `npm start` without npm, until it prints what to try first. */
async function start(): Promise<{ child: ChildProcess; lines: string[] }> {
  const child = spawn(process.execPath, [...DATABASE_FLAGS, join(SRC, 'start.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  child.stderr.on('data', (text) => lines.push(`stderr: ${text}`))
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (line.includes('npm run ask')) break
  }
  return { child, lines }
}

describe('the first commands', () => {
  it('ask starts a temporary server if none is running', async () => {
    const { stdout, stderr, code } = await ask(
      '--provider',
      'anthropic',
      '--model',
      'claude-haiku-4-5',
      'What is a piece?',
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^A piece is a building block of a flow.*\(This is the local emulator.*\)\n$/)
    expect(stderr).toContain('Anthropic, claude-haiku-4-5 – local emulator')
    expect(stderr).toMatch(/prompt tokens \d+ · completion tokens \d+ · total \d+ · finish reason stop/)
    // The admin key is shown once, and `npm start` has to be the one that shows it.
    expect(stderr).not.toContain('Admin key')
  }, 90_000)

  it('start prints no warnings, serves ask, and exits with 0 on SIGTERM', async () => {
    const { child, lines } = await start()
    expect(lines.join('\n')).toMatch(
      /console is at http:\/\/127\.0\.0\.1:\d+, the API reference at .*\/docs\.\n {2}OpenAI: local emulator\n {2}Anthropic: local emulator\n/,
    )
    expect(lines.join('\n')).toMatch(/^Admin key, shown this once: \S{16,}$/m)
    expect(lines.join('\n')).not.toMatch(/stderr|[Ww]arning/)
    const greeted = await ask('--provider', 'openai', '--creativity', '20', 'hello')
    expect(greeted).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Hello! Ask me what a piece is\./) })
    expect(greeted.stderr).toMatch(/Note: creativity dropped: gpt-\S+ does not support it\./)
    const failed = await ask('--creativity', '500', 'hello')
    expect(failed).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('creativity is 500; expected a number from 0 to 100.'),
    })
    const unknown = await ask('--provider', 'unknown', 'hello')
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^There is no provider "unknown"\. Providers: .*groq, .*openai, /),
    })
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
    child.kill('SIGTERM')
    expect(await ended).toEqual({ code: 0, signal: null })
  }, 90_000)

  it('start connects the provider itself if its API key is in the environment', async () => {
    env = { ...env, OPENAI_API_KEY: 'sk-known-value-1234567890' }
    const { child, lines } = await start()
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    await ended
    expect(lines.join('\n')).toContain('  OpenAI: https://api.openai.com\n  Anthropic: local emulator')
    expect(lines.join('\n')).not.toContain('sk-known-value')
  }, 60_000)
})
