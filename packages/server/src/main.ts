// Starts the server from the environment.
import { loadConfig } from './config.ts'
import { createServer } from './server.ts'

try {
  const server = await createServer(loadConfig(process.env))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => server.close().then(() => process.exit()))
  const url = await server.listen()
  console.log(`The AI provider server answers at ${url} (reference: ${url}/docs).`)
  if (server.adminKeyIsNew) console.log(`Admin key, shown this once: ${server.adminKey}`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
