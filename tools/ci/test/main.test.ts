import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '../src/main.ts')
const SERVER = `import { createServer } from 'node:http'
const server = createServer((_, response) => response.end('console'))
server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log('The admin console is at http://127.0.0.1:' + server.address().port + ', the API reference at /docs.')
  console.log('Ask something, in another terminal:\\n  npm run ask')
})
process.once('SIGINT', () => process.exit())`
const SCRIPTS = {
  start: 'node start.mjs',
  ask: 'echo A piece is',
  lint: 'exit 0',
  typecheck: 'exit 0',
  docs: 'exit 0',
  test: 'echo "3 passed, 0 failed, 0 skipped"; echo "recordings: $RECORDED_EXCHANGES"; true',
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ci-'))
  await writeFile(join(folder, 'start.mjs'), SERVER)
})
afterEach(() => rm(folder, { recursive: true }))

describe('the last line', () => {
  it('counts the first start, lint, types, docs and the tests', async () => {
    expect(await run(SCRIPTS)).toMatchObject({ code: 0, last: '7 passed, 0 failed, 0 skipped' })
  })

  it('counts the replayed recordings, which only the last step receives', async () => {
    await mkdir(join(folder, 'recordings/exchanges'), { recursive: true })
    const { code, last, output } = await run(SCRIPTS)
    expect([code, last]).toEqual([0, '10 passed, 0 failed, 0 skipped'])
    const received = [...output.matchAll(/^recordings: (.*)$/gm)].map(([, value]) => value)
    expect(received).toEqual(['', join(folder, 'recordings')])
  })

  it.each([
    ['does not start', { start: 'exit 0' }],
    ['does not answer', { ask: 'exit 1' }],
    ['fails lint', { lint: 'exit 1' }],
    ['fails a test without a closing line', { test: 'exit 1' }],
  ])('counts a failure and exits with 1 when the project %s', async (_what, scripts) => {
    const { code, last } = await run({ ...SCRIPTS, ...scripts })
    expect(code).toBe(1)
    expect(last).toMatch(/^\d passed, 1 failed, 0 skipped$/)
  })
})

async function run(scripts: object): Promise<{ code: number; last: string; output: string }> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts }))
  const env = { ...process.env, RECORDED_EXCHANGES: 'set-by-caller' }
  return await new Promise((resolve) => {
    execFile(process.execPath, [MAIN, join(folder, 'recordings')], { cwd: folder, env }, (error, stdout) => {
      const code = error ? Number(error.code) : 0
      resolve({ code, last: stdout.trimEnd().split('\n').at(-1) ?? '', output: stdout })
    })
  })
}
