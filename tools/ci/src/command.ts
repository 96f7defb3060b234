import { spawn } from 'node:child_process'

/** Result of a command. `output` is the end of its stdout. */
export type Ended = { readonly exitCode: number | null; readonly output: string }

/** Large enough for the closing line and any output after it. */
const MAX_OUTPUT = 64 * 1024

/** Runs a shell command without stdin and passes its output through. */
export async function runCommand(command: string, env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  console.log(`\n$ ${command}`)
  const child = spawn(command, { shell: true, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk)
    output = (output + chunk).slice(-MAX_OUTPUT)
  })
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exitCode, output: output.replace(/\r$/gm, '') }
}
