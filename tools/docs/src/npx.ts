import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'

/** Checks `npx vitest run …` and `npx nx …`. Returns the problem. */
export function checkNpx(root: string, [program, command, ...args]: readonly string[]): string | undefined {
  if (program === 'vitest' && command === 'run') return checkVitest(root, args)
  if (program === 'nx' && command === 'g') return checkGenerator(root, args)
  if (program === 'nx' && (command === 'run-many' || command === 'affected')) return checkTargets(root, args)
  return `tools/docs cannot check ${program} ${command}`
}

/** Vitest projects are named after their folders. */
function checkVitest(root: string, args: readonly string[]): string | undefined {
  const options = { project: { type: 'string' }, testNamePattern: { type: 'string', short: 't' } } as const
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const folder = foldersOf(root).find((known) => known.endsWith(`/${values.project}`))
  if (values.project !== undefined && folder === undefined) return `there is no project "${values.project}"`
  const folders = folder === undefined ? foldersOf(root) : [folder]
  const tests = folders.flatMap((one) => readdirSync(join(root, one), { recursive: true, encoding: 'utf8' }))
  const missing = positionals.find((words) => !tests.some((test) => test.includes(words) && test.endsWith('.test.ts')))
  return missing && `no test file of ${folder ?? 'the workspace'} has "${missing}" in its path`
}

const Generators = z.object({ generators: z.record(z.string(), z.object({ schema: z.string() })) })
const Options = z.object({ properties: z.record(z.string(), z.unknown()) })

function checkGenerator(root: string, [id = '', ...args]: readonly string[]): string | undefined {
  const [, name = '', generator = ''] = /^@activepieces\/([\w-]+):([\w-]+)$/.exec(id) ?? []
  const folder = foldersOf(root).find((known) => known.endsWith(`/${name}`))
  if (name === '' || folder === undefined) return `there is no generator ${id}`
  const { generators } = Generators.parse(readJson(join(root, folder, 'generators.json')))
  const schema = generators[generator]?.schema
  if (schema === undefined) return `there is no generator ${id}`
  const { properties } = Options.parse(readJson(join(root, folder, schema)))
  const known = [...Object.keys(properties), 'dry-run', 'no-interactive']
  const unknown = args.find((word) => word.startsWith('--') && !known.includes(word.slice(2).split('=', 1)[0] ?? ''))
  return unknown && `${id} has no option ${unknown}; it has ${known.join(', ')}`
}

/** Nx targets are the scripts of the packages. */
function checkTargets(root: string, args: readonly string[]): string | undefined {
  const options = { targets: { type: 'string', short: 't' }, base: { type: 'string' } } as const
  const { targets } = parseArgs({ args: [...args], options }).values
  const scripts = foldersOf(root).flatMap((folder) => {
    const manifest = z.object({ scripts: z.record(z.string(), z.string()).optional() })
    return Object.keys(manifest.parse(readJson(join(root, folder, 'package.json'))).scripts ?? {})
  })
  return targets === undefined || !scripts.includes(targets) ? `no project has the target "${targets}"` : undefined
}

/** Returns the folders of the workspace's packages. */
function foldersOf(root: string): string[] {
  const { workspaces } = z.object({ workspaces: z.array(z.string()) }).parse(readJson(join(root, 'package.json')))
  return workspaces.flatMap((pattern) => {
    const parent = pattern.replace(/\/\*$/, '')
    return parent === pattern ? [pattern] : readdirSync(join(root, parent)).map((name) => `${parent}/${name}`)
  })
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
