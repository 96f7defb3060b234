// `npm start`: the server, the local emulator, and what to try first.
import { readArguments, runProgram } from '@activepieces/cli'
import { keepObjectsYoung, loadConfig } from '@activepieces/server'
import { ensureConsole } from './console.ts'
import { startLocalServer } from './local-server.ts'

const USAGE = `Usage: npm start

Starts the server with the admin console, its embedded database and a local emulator of the AI providers.
Environment variables configure it, e.g. PORT=3001 npm start. All of them: packages/server/README.md.
OPENAI_API_KEY and ANTHROPIC_API_KEY connect these providers instead of the emulator.`

await runProgram(async () => {
  readArguments(USAGE, {})
  keepObjectsYoung()
  await ensureConsole()
  const { server, url, close } = await startLocalServer(
    loadConfig({ AP_LOG_LEVEL: 'warn', ...process.env }),
    process.env,
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => close().then(() => process.exit()))
  console.log(`The admin console is at ${url}, the API reference at ${url}/docs.`)
  for (const connection of await server.connections.list()) {
    console.log(`  ${connection.label}: ${connection.emulated ? 'local emulator' : connection.baseUrl}`)
  }
  if (server.adminKeyIsNew) console.log(`Admin key, shown this once: ${server.adminKey?.reveal()}`)
  console.log('Ask something, in another terminal:\n  npm run ask -- --provider anthropic "What is a piece?"')
})
