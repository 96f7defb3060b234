import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { UsageError } from '@activepieces/cli'
import type { Block } from './blocks.ts'

/**
 * Runs blocks that work in a fresh clone while `npm start` runs on a temporary data folder and a free port. The blocks of
 * a file run in order in one shell. Their changes to the checkout are undone after each file.
 *
 * @returns the blocks that failed
 * @throws UsageError if the checkout has changes, which would be lost
 */
export async function runBlocks(root: string, blocks: readonly Block[]): Promise<Block[]> {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
  if (git('status', '--porcelain') !== '')
    throw new UsageError('The commands in the docs change files. Run them in a checkout without changes.')
  const server = await startServer(root)
  try {
    const failed: Block[] = []
    for (const file of new Set(blocks.map((block) => block.file))) {
      const inFile = blocks.filter((block) => block.file === file)
      const firstFailed = await runShell(root, inFile, server)
      if (firstFailed !== undefined) failed.push(...inFile.slice(firstFailed))
      git('restore', '.')
      git('clean', '-dfq')
    }
    return failed
  } finally {
    await server.close()
  }
}

type Server = { readonly env: NodeJS.ProcessEnv; readonly url: string; readonly adminKey: string }

/** Runs `npm start` as in the README, and waits until it has printed everything. */
async function startServer(root: string): Promise<Server & { close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'docs-'))
  const env = { ...process.env, AP_DATA_DIR: folder, PORT: String(await freePort()) }
  const child = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  const exited = once(child, 'exit')
  const close = async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await exited
    await rm(folder, { recursive: true, force: true })
  }
  const printed = await new Promise<string>((resolve) => {
    let text = ''
    const lines = createInterface(child.stdout)
    lines.on('close', () => resolve(text))
    lines.on('line', (line) => {
      text += `${line}\n`
      if (line.includes('npm run ask')) resolve(text)
    })
  })
  const [, adminKey] = /Admin key, shown this once: (\S+)/.exec(printed) ?? []
  if (adminKey === undefined) {
    await close()
    throw new Error(`npm start did not print an admin key:\n${printed}`)
  }
  return { env, url: `http://127.0.0.1:${env.PORT}`, adminKey, close }
}

/** Runs blocks in order. @returns the index of the block that failed */
async function runShell(root: string, blocks: readonly Block[], server: Server): Promise<number | undefined> {
  const shell = spawn('bash', ['-c', scriptOf(blocks, server)], {
    cwd: root,
    env: server.env,
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  let started = -1
  const marks = shell.stdio[3]
  if (marks) createInterface(marks as NodeJS.ReadableStream).on('line', () => started++)
  const [code] = await once(shell, 'close')
  return code === 0 ? undefined : Math.max(started, 0)
}

/** Builds the script: makes curl fail on an error status and fills in placeholders. */
function scriptOf(blocks: readonly Block[], { url, adminKey }: Server): string {
  const filledIn = (text: string) => text.replaceAll('http://127.0.0.1:3000', url).replaceAll('<admin key>', adminKey)
  const steps = blocks.map(({ file, line, text, exit }) => {
    const mark = `printf '\\n# %s:%s\\n' '${file}' ${line}; echo >&3`
    if (exit === 0) return `${mark}\n${filledIn(text)}`
    return `${mark}\nset +e; ( set -e\n${filledIn(text)}\n); code=$?; set -e; [ $code -eq ${exit} ]`
  })
  return ['set -euo pipefail', 'curl() { command curl -sS --fail-with-body "$@"; }', ...steps].join('\n')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('No free port found.')
  return address.port
}
