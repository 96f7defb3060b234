// Starts the server from the environment.
import { readArguments } from '@activepieces/cli'
import { loadConfig } from './platform/config.ts'
import { disableAllocationPretenuring } from './platform/v8-flags.ts'
import { printAdminKey, runUntilSignal } from './run.ts'
import { createServer } from './server.ts'

const USAGE = `Usage: npm start -w packages/server

Starts the server. Environment variables configure it, e.g. PORT=3001. packages/server/docs/reference.md lists them all.`

await runUntilSignal(async () => {
  readArguments(USAGE, {})
  disableAllocationPretenuring()
  const server = await createServer(loadConfig(process.env))
  try {
    const url = await server.listen()
    await server.issueAdminKey(printAdminKey)
    console.log(`The AI provider server is running at ${url} (reference: ${url}/docs).`)
    return server
  } catch (error) {
    await server.close()
    throw error
  }
})
