// `npm run docs`: runs the commands in the docs that work in a fresh clone, and checks the others.
import { join } from 'node:path'
import { readArguments, runProgram, UsageError } from '@activepieces/cli'
import { checkBlock } from './check.ts'
import { readDocs } from './docs.ts'
import { runBlocks } from './run.ts'

const ROOT = join(import.meta.dirname, '../../..')
const USAGE = `Usage: npm run docs [-- file …]

Runs the shell blocks tagged "sh run" in the given Markdown files (default: all), and checks the other commands.
Requires a checkout without changes.`

await runProgram(async () => {
  const { positionals } = readArguments(USAGE, { allowPositionals: true })
  const { blocks, problems } = readDocs(ROOT)
  const unknown = positionals.find((file) => !blocks.some((block) => block.file === file))
  if (unknown !== undefined) throw new UsageError(`There is no Markdown file ${unknown} with commands.`)
  for (const block of blocks) problems.push(...(await checkBlock(ROOT, block)))
  for (const problem of problems) console.error(problem)
  const runnable = blocks.filter(
    ({ file, tag }) => tag === 'run' && (positionals.length === 0 || positionals.includes(file)),
  )
  const failed = await runBlocks(ROOT, runnable)
  for (const { file, line } of failed) console.error(`${file}:${line}: the block failed, or one before it did`)
  const ran = runnable.length - failed.length
  console.log(
    `\nDocs: ${ran} blocks ran, ${failed.length} failed; ${blocks.length} blocks and commands checked, ${problems.length} problems`,
  )
  const failures = failed.length + problems.length
  console.log(`${ran + blocks.length - problems.length} passed, ${failures} failed`)
  if (failures > 0) process.exitCode = 1
})
