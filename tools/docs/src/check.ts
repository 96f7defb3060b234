import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readCommand } from '@activepieces/local/ask'
import type { Block } from './blocks.ts'
import { commandsIn } from './commands.ts'
import { checkCurl } from './curl.ts'
import { checkNpx } from './npx.ts'
import { readPieces } from './pieces.ts'

/** Checks a block without running it: programs, scripts, options, files, routes and bodies. Returns the problems. */
export async function checkBlock(root: string, { file, line, text }: Block): Promise<string[]> {
  const problems = [syntaxProblem(text)]
  for (const words of commandsIn(text)) {
    const problem = await checkCommand(root, words).catch((error: Error) => error.message)
    problems.push(problem && `${words.join(' ')}: ${problem}`)
  }
  return problems.flatMap((problem) => (problem === undefined ? [] : [`${file}:${line}: ${problem}`]))
}

function syntaxProblem(text: string): string | undefined {
  try {
    execFileSync('bash', ['-n'], { input: text, stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `the shell cannot parse it: ${String(Object(error).stderr).trim()}`
  }
}

async function checkCommand(root: string, [program = '', ...args]: readonly string[]): Promise<string | undefined> {
  if (program === 'npm') return await checkNpm(root, args)
  if (program === 'npx') return checkNpx(root, args)
  if (program === 'curl') return checkCurl(args)
  if (program === 'node') return existsSync(join(root, args[0] ?? '')) ? undefined : `${args[0]} does not exist`
  if (program.includes('/')) return existsSync(join(root, program)) ? undefined : `${program} does not exist`
  return program === 'sed' ? undefined : `tools/docs cannot check ${program}`
}

/** Checks `npm run <script> [-w <workspace>] [-- <arguments>]` and its short forms. */
async function checkNpm(root: string, args: readonly string[]): Promise<string | undefined> {
  const dashes = args.indexOf('--')
  const own = dashes < 0 ? args : args.slice(0, dashes)
  const options = { workspace: { type: 'string', short: 'w' }, silent: { type: 'boolean', short: 's' } } as const
  const { values, positionals } = parseArgs({ args: [...own], options, allowPositionals: true })
  const [command = '', script = command, ...rest] = positionals
  if (command === 'ci') return undefined
  if (rest.length > 0)
    return `npm reads ${rest.join(' ')} as its own arguments: put -- before the arguments of the script`
  const folder = values.workspace ?? '.'
  const { scripts } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const line: unknown = scripts[script]
  if (typeof line !== 'string') return `${folder} has no script "${script}", it has ${Object.keys(scripts).join(', ')}`
  const [, program] = /^node (\S+)$/.exec(line) ?? []
  if (dashes < 0) return undefined
  if (line === 'vitest run') return checkNpx(root, ['vitest', 'run', ...args.slice(dashes + 1)])
  if (program === undefined) return `tools/docs cannot check the arguments of "${line}"`
  return await checkArguments(root, script, join(root, folder, program), args.slice(dashes + 1))
}

/** With `--help`, our programs check their arguments and do nothing else. */
async function checkArguments(root: string, script: string, program: string, args: readonly string[]) {
  if (script === 'ask') {
    const paths = args.map((word, index) => (args[index - 1] === '--file' ? join(root, word) : word))
    return void (await readCommand(paths, readPieces()))
  }
  try {
    execFileSync(process.execPath, [program, ...args, '--help'], { cwd: root, stdio: 'pipe' })
    return undefined
  } catch (error) {
    return String(Object(error).stderr).trim()
  }
}
