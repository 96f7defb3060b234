// `npm run lint`: fails on banned phrases and names in all tracked text files.
import { execFileSync } from 'node:child_process'
import { lstatSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments, runProgram } from '@activepieces/cli'
import { BANNED } from './banned.ts'

const USAGE = `Usage: npm run lint:language

Checks the language of all tracked text files. src/banned.ts lists the phrases and what to write instead.`

/** Generated files, quotations, and the list itself with its test. Not checked yet: packages/web. */
const EXCLUDED =
  /(^|\/)(package-lock\.json|LICENSE)$|^packages\/web\/|\/(recordings|exchanges)\/|\/table\.ts$|^tools\/lint\/(src\/banned|test\/language\.test)\.ts$/
const TEXT = /\.(ts|tsx|js|mjs|cjs|json|jsonc|md|grit|txt|yml|yaml|css|html)$/

/** Returns a line for each banned phrase: `file:line: "phrase"; write "…"`. */
function checkLanguage(root: string): string[] {
  const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  const files = tracked.filter((file) => TEXT.test(file) && !EXCLUDED.test(file))
  return files.flatMap((file) => {
    const path = join(root, file)
    // Deleted files stay tracked until the next commit.
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? checkText(file, readFileSync(path, 'utf8')) : []
  })
}

/** A line that also has the replacement, such as one of a table of renamed exports, is allowed. */
function checkText(file: string, text: string): string[] {
  const lines = text.split('\n')
  return BANNED.flatMap(({ phrase, instead }) =>
    [...text.matchAll(phrase)].flatMap((match) => {
      const line = text.slice(0, match.index).split('\n').length
      if (lines[line - 1]?.includes(instead)) return []
      return `${file}:${line}: "${match[0].replace(/\s+/g, ' ')}"; write "${instead}"`
    }),
  )
}

if (import.meta.main) {
  await runProgram(() => {
    readArguments(USAGE, {})
    const problems = checkLanguage(process.cwd())
    for (const problem of problems) console.error(problem)
    if (problems.length > 0) process.exitCode = 1
  })
}
