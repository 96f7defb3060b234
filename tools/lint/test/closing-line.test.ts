import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const VITEST = fileURLToPath(new URL('../vitest.mjs', import.meta.resolve('vitest')))
const REPORTER = join(import.meta.dirname, '../src/closing-line.ts')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'closing-line-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the last line of a run', () => {
  it('counts passed, failed and skipped tests', async () => {
    const tests = `it('a', () => {}); it('b', () => {}); it.skip('c', () => {}); it('d', () => { throw new Error('no') })`
    expect(await run({ 'a.test.ts': tests })).toEqual({ code: 1, last: '2 passed, 1 failed, 1 skipped' })
  })

  it('counts a file that cannot be loaded as failed', async () => {
    expect(await run({ 'a.test.ts': `it('a', () => {})`, 'b.test.ts': `import './nowhere.ts'` })).toEqual({
      code: 1,
      last: '1 passed, 1 failed, 0 skipped',
    })
  })

  it('reports a failure if there are no tests', async () => {
    expect(await run({})).toEqual({ code: 1, last: '0 passed, 1 failed, 0 skipped' })
  })

  it('reports a failure if the setup fails', async () => {
    const setup = { 'a.test.ts': `it('a', () => {})`, 'setup.ts': `export function setup() { throw new Error('no') }` }
    expect(await run(setup, { globalSetup: './setup.ts' })).toEqual({ code: 1, last: '0 passed, 1 failed, 0 skipped' })
  })
})

async function run(files: Record<string, string>, settings: object = {}): Promise<{ code: number; last: string }> {
  const test = JSON.stringify({ globals: true, ...settings })
  const config = `import { closingLine } from ${JSON.stringify(REPORTER)}
export default { test: { ...${test}, reporters: ['default', closingLine()] } }`
  for (const [name, text] of Object.entries({ ...files, 'vitest.config.ts': config })) {
    await writeFile(join(folder, name), text)
  }
  return await new Promise((resolve) => {
    execFile(process.execPath, [VITEST, 'run', '--root', folder], (error, stdout) => {
      resolve({
        code: typeof error?.code === 'number' ? error.code : 0,
        last: stdout.trimEnd().split('\n').at(-1) ?? '',
      })
    })
  })
}
