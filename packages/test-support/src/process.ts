import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { COMPILE_CACHE, DATABASE_FLAGS } from './node-settings.ts'

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url))
const running = new Set<ChildProcess>()

/** Runs main.ts on a free port, with these variables alone, until it answers or ends; then the URL is empty. */
export async function startProcess(env: Record<string, string>) {
  const child = spawn(process.execPath, [...DATABASE_FLAGS, MAIN], {
    env: { ...COMPILE_CACHE, PORT: '0', AP_LOG_LEVEL: 'warn', ...env },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const said = { out: '', err: '' }
  child.stderr.on('data', (words) => (said.err += words))
  const url = new Promise<string | undefined>((resolve) => {
    child.stdout.on('data', (words) => {
      said.out += words
      const [found] = said.out.match(/http:\/\/[\d.:]+/) ?? []
      if (found && said.out.endsWith('\n')) resolve(found)
    })
    child.once('exit', () => resolve(undefined))
  })
  return { child, said, url: (await url) ?? '' }
}

/** Ends all that still run, at once. */
export async function killProcesses(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      return exit
    }),
  )
}
