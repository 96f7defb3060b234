import { runProgram } from '@activepieces/cli'
import type { Secret } from './platform/secrets/secret.ts'

/**
 * Runs a server until SIGINT or SIGTERM. If the start fails, prints the reason and ends the process.
 */
export async function runUntilSignal(start: () => Promise<{ close: () => Promise<void> }>): Promise<void> {
  await runProgram(async () => {
    const { close } = await start()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => close().then(() => process.exit()))
  })
  if (process.exitCode) process.exit()
}

/** Prints the admin key. Resolves when it is written, so that a closed or full output is noticed. */
export function printAdminKey(key: Secret<string>): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`Admin key, shown this once: ${key.reveal()}\n`, (error) =>
      error ? reject(error) : resolve(),
    )
  })
}
