import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { installPacked, type Packed, packAll, removeAll, run } from './packed.ts'

const LIBRARY = '@activepieces/pieces-common'

let packed: ReadonlyMap<string, Packed>
beforeAll(async () => {
  packed = await packAll()
}, 180_000)
afterAll(removeAll)

/** Returns the output of a program that has only this package installed. */
async function outputOf(name: string, type: 'module' | 'commonjs', code: string): Promise<string> {
  const user = await installPacked(name, packed)
  return (await run(process.execPath, [`--input-type=${type}`, '-e', code], { cwd: user })).stdout
}

/** Returns the compiler errors of a program that has only this package installed. */
async function compilerErrors(name: string, code: string): Promise<string> {
  const user = await installPacked(name, packed)
  await writeFile(join(user, 'user.mts'), code)
  const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc')
  const flags = ['--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess', '--noEmit', '--ignoreConfig']
  const args = [...flags, '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022', 'user.mts']
  return run(process.execPath, [tsc, ...args], { cwd: user }).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  )
}

describe('the library, packed and installed with only its declared dependencies', () => {
  it.each([
    ['import', `import { AI, AiProviders } from '${LIBRARY}'`, 'module'],
    ['require', `const { AI, AiProviders } = require('${LIBRARY}')`, 'commonjs'],
  ] as const)('loads with %s', async (_name, line, type) => {
    expect(await outputOf(LIBRARY, type, `${line}\nconsole.log(typeof AI, AiProviders.length > 0)`)).toBe(
      'function true\n',
    )
  })

  it('includes its types', async () => {
    const code = `import { AI } from '${LIBRARY}'
      const ai = AI({ provider: 'openai', server: { apiUrl: '', token: '' } })
      const completion = await ai.chat.text({ model: 'gpt-5.5', messages: [] })
      const text: string | undefined = completion.choices[0]?.content
      // @ts-expect-error sdk() returns a client, not a number
      const wrong: number = ai.sdk()
      export { text, wrong }`
    expect(await compilerErrors(LIBRARY, code)).toBe('')
  })

  it('contains only code, types and texts', async () => {
    const files = await readdir(packed.get(LIBRARY)?.folder ?? '', { recursive: true, withFileTypes: true })
    const others = files.filter((file) => file.isFile() && !file.name.endsWith('.d.ts')).map((file) => file.name)
    expect(others.sort()).toEqual([
      'LICENSE',
      'README.md',
      'ai-error.js',
      'cost.js',
      'event-stream.js',
      'http-fetch.js',
      'index.js',
      'observe.js',
      'package.json',
      'post-json.js',
      'sse.js',
    ])
  })
})

it('every universal piece loads with its actions and types, installed with only its declared dependencies', async () => {
  const pieces = [...packed.keys()].filter((name) => name !== LIBRARY)
  expect(pieces).toContain('@activepieces/piece-text-ai')
  for (const name of pieces) {
    const print =
      'const piece = Object.values(exports).find((one) => one.actions); console.log(Object.keys(piece.actions()).length > 0)'
    expect(await outputOf(name, 'module', `const exports = await import('${name}'); ${print}`), name).toBe('true\n')
    expect(
      await outputOf(name, 'commonjs', `const all = require('${name}'); { const exports = all; ${print} }`),
      name,
    ).toBe('true\n')
    const code = `import * as exports from '${name}'
      export const names: string[] = Object.keys(exports)
      // @ts-expect-error exports are typed, and none is a number
      export const wrong: number = Object.values(exports)[0]`
    expect(await compilerErrors(name, code), name).toBe('')
  }
})
