import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const PROGRAM = join(import.meta.dirname, '../src/language.ts')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'language-'))
  execFileSync('git', ['init', '-q'], { cwd: folder })
})
afterAll(() => rmSync(folder, { recursive: true }))

it('reports banned phrases and names with their lines and what to write instead', async () => {
  const { code, stderr } = await check({
    'src/a.ts':
      '// Read it\n// anew.\nconst purse = new Purse()\nconst MOST_ROWS = 5\nthrow new Error("The body is no JSON.")',
    'docs/a.md': '# A\n\nThe emulator stands in the\nplace of the vendor.',
  })
  expect(stderr.trim().split('\n').sort()).toEqual([
    'docs/a.md:3: "in the place of"; write "instead of"',
    'src/a.ts:2: "anew"; write "again"',
    'src/a.ts:3: "Purse"; write "BudgetLease"',
    'src/a.ts:4: "MOST_ROWS"; write "MAX_…"',
    'src/a.ts:5: "is no JSON"; write "is not a …"',
  ])
  expect(code).toBe(1)
})

it('accepts plain English and ignores excluded and untracked files', async () => {
  writeFileSync(join(folder, 'untracked.md'), 'anew')
  const { code, stderr } = await check({
    'src/a.ts': '// There is no list yet, and renewal happens again. const MAX_ROWS = 5',
    'docs/a.md': 'Nothing off. An itself. Leave it alone.',
    LICENSE: 'for ever',
    'package-lock.json': '{ "anew": 1 }',
  })
  expect([code, stderr]).toEqual([0, ''])
})

/** Writes and tracks the files, and runs the program. */
async function check(files: Record<string, string>): Promise<{ code: number; stderr: string }> {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  execFileSync('git', ['add', ...Object.keys(files)], { cwd: folder })
  return await new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM], { cwd: folder }, (error, _stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stderr }),
    )
  })
}
