import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A separate process that runs tasks on request. */
export type Side = { ask: <Answer>(task: string, params?: object) => Promise<Answer>; stop: () => Promise<void> }

/** Starts `src/sides/<file>.ts` as a process. */
export async function start(file: string, ...args: readonly string[]): Promise<Side> {
  const script = join(import.meta.dirname, `sides/${file}.ts`)
  const child = fork(script, args, {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit').then(([code]) => {
    throw new Error(`The process ${[file, ...args].join(' ')} ended (${code}).`)
  })
  gone.catch(() => undefined)
  let stopped = false
  return {
    ask: async (task, params = {}) => {
      const answer = once(child, 'message')
      child.send({ task, ...params })
      const [message] = await Promise.race([answer, gone])
      return message.answer
    },
    stop: async () => {
      if (stopped) return
      stopped = true
      child.disconnect()
      await gone.catch(() => undefined)
    },
  }
}

/** Handles the parent's tasks in the child process, until the parent disconnects. */
export function serve(answer: (request: { task: string } & Record<string, unknown>) => unknown): void {
  process.on('message', async (request: { task: string }) => {
    process.send?.({ answer: await answer(request) })
  })
  process.once('disconnect', () => process.exit())
}
