// `npm start`: starts the server and the local emulator, and prints what to try first.
import { readArguments } from '@activepieces/cli'
import { disableAllocationPretenuring, loadConfig, printAdminKey, runUntilSignal } from '@activepieces/server'
import { ensureConsole } from './console.ts'
import { startLocalServer } from './local-server.ts'

const USAGE = `Usage: npm start

Starts the server with the admin console, its embedded database and a local emulator of the AI providers.
Environment variables configure it, e.g. PORT=3001 npm start. All of them: packages/server/docs/reference.md.
OPENAI_API_KEY and ANTHROPIC_API_KEY connect these providers instead of the emulator.`

await runUntilSignal(async () => {
  readArguments(USAGE, {})
  disableAllocationPretenuring()
  const config = loadConfig({ AP_LOG_LEVEL: 'warn', ...process.env })
  await ensureConsole()
  const local = await startLocalServer(config, process.env)
  console.log(`The admin console is at ${local.url}, the API reference at ${local.url}/docs.`)
  for (const connection of await local.server.connections.list()) {
    console.log(`  ${connection.label}: ${connection.emulated ? 'local emulator' : connection.baseUrl}`)
  }
  await local.server.issueAdminKey(printAdminKey)
  console.log('Ask something, in another terminal:\n  npm run ask -- --provider anthropic "What is a piece?"')
  return local
})
