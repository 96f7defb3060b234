import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPackage } from '../src/build-package.ts'

const COMMON = join(import.meta.dirname, '../../../packages/pieces/community/common')
const run = promisify(execFile)

describe('the library as npm carries it', () => {
  let dist = ''
  let user = ''
  beforeAll(async () => {
    dist = await buildPackage(COMMON)
    user = await mkdtemp(join(dist, 'user-'))
  })
  afterAll(() => rm(user, { recursive: true, force: true }))

  it.each([
    ['import', "import { AI, AiProviders } from '@activepieces/pieces-common'", 'module'],
    ['require', "const { AI, AiProviders } = require('@activepieces/pieces-common')", 'commonjs'],
  ])('is loaded by %s', async (_name, line, type) => {
    const code = `${line}\nconsole.log(typeof AI, AiProviders.length > 0)`
    const { stdout } = await run(process.execPath, [`--input-type=${type}`, '-e', code], { cwd: user })
    expect(stdout).toBe('function true\n')
  })

  it('brings its types', async () => {
    const code = `import { AI } from '@activepieces/pieces-common'
      const ai = AI({ provider: 'openai', server: { apiUrl: '', token: '' } })
      const completion = await ai.chat.text({ model: 'gpt-5.5', messages: [] })
      const text: string | undefined = completion.choices[0]?.content
      // @ts-expect-error a provider's client is its own
      const wrong: number = ai.sdk()
      export { text, wrong }`
    await writeFile(join(user, 'user.mts'), code)
    const args = ['--strict', '--noEmit', '--skipLibCheck', '--module', 'nodenext', '--ignoreConfig', 'user.mts']
    const said = await run('npx', ['tsc', ...args], { cwd: user, shell: process.platform === 'win32' }).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    )
    expect(said).toBe('')
  })

  it('is code, types and texts, and nothing else', async () => {
    await rm(user, { recursive: true })
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], {
      cwd: dist,
      shell: process.platform === 'win32',
    })
    expect(stdout).toContain('"index.js"')
    const paths = [...stdout.matchAll(/"path": "([^"]+)"/g)].map(([, path = '']) => path)
    const others = paths.filter((path) => !path.endsWith('.d.ts'))
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'http-fetch.js', 'index.js', 'package.json', 'post-json.js'])
  })
})
