import { spawn } from 'node:child_process'
import { setTimeout } from 'node:timers/promises'
import { type Ended, runCommand } from './command.ts'

const START_TIMEOUT_MS = 180_000
const STOP_TIMEOUT_MS = 30_000

/**
 * Tests the first steps of a new user: `npm start`, the README's question, Ctrl-C.
 *
 * @returns exit code 0 when the server started, answered, and stopped within the time limit
 */
export async function firstStart(): Promise<Ended> {
  // Any free port and no API key, so the local emulator answers.
  const env = { ...process.env, PORT: '0', OPENAI_API_KEY: '', ANTHROPIC_API_KEY: '' }
  console.log('\n$ npm start')
  const server = spawn('npm', ['start'], { detached: true, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = new Promise<void>((resolve) => server.once('close', resolve))
  try {
    const url = await Promise.race([printedUrl(server.stdout), exited.then(() => undefined), timeout(START_TIMEOUT_MS)])
    if (url === undefined) return failed('npm start did not print the URL of the admin console')
    for (const path of ['', '/docs/', '/docs/library/']) {
      const page = await fetch(`${url}${path}`)
      if (!page.ok) return failed(`GET ${url}${path} returned ${page.status}`)
    }
    const asked = await runCommand('npm run --silent ask -- --provider anthropic "What is a piece?"', env)
    if (asked.exitCode !== 0 || asked.output.trim() === '') return failed('npm run ask got no answer')
    signalGroup(server.pid, 'SIGINT') // Ctrl-C signals all processes of the terminal
    const stopped = await Promise.race([exited.then(() => true), timeout(STOP_TIMEOUT_MS)])
    if (!stopped) return failed('npm start did not stop after Ctrl-C')
    const open = await fetch(url).then(
      () => true,
      () => false,
    )
    return open ? failed(`${url} still answers after npm start has stopped`) : { exitCode: 0, output: '' }
  } finally {
    signalGroup(server.pid, 'SIGKILL')
  }
}

function failed(message: string): Ended {
  console.error(message)
  return { exitCode: 1, output: '' }
}

/** Waits for the line that the server prints when it is ready. */
async function printedUrl(stdout: NodeJS.ReadableStream): Promise<string> {
  return await new Promise((resolve) => {
    let printed = ''
    stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk)
      printed += chunk
      const [, url] = /admin console is at (http:\/\/[^\s,]+)/.exec(printed) ?? []
      if (url && printed.includes('npm run ask')) resolve(url)
    })
  })
}

async function timeout(ms: number): Promise<undefined> {
  await setTimeout(ms, undefined, { ref: false })
}

/** Ignores a group that has already ended. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
