// Starts the server from the environment.
import { readArguments, runProgram } from '@activepieces/cli'
import { loadConfig } from './config.ts'
import { createServer } from './server.ts'
import { keepObjectsYoung } from './young-objects.ts'

const USAGE = `Usage: npm start -w packages/server

Starts the server. Environment variables configure it, e.g. PORT=3001. All of them: packages/server/README.md.`

await runProgram(async () => {
  readArguments(USAGE, {})
  keepObjectsYoung()
  const server = await createServer(loadConfig(process.env))
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => server.close().then(() => process.exit()))
  const url = await server.listen()
  const lines = [`The AI provider server answers at ${url} (reference: ${url}/docs).`]
  if (server.adminKeyIsNew) lines.push(`Admin key, shown this once: ${server.adminKey?.reveal()}`)
  console.log(lines.join('\n'))
})
