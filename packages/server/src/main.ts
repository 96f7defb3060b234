// Starts the server from the environment.
import { loadConfig } from './config.ts'
import { createServer } from './server.ts'
import { keepObjectsYoung } from './young-objects.ts'

keepObjectsYoung()
try {
  const server = await createServer(loadConfig(process.env))
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => server.close().then(() => process.exit()))
  const url = await server.listen()
  const lines = [`The AI provider server answers at ${url} (reference: ${url}/docs).`]
  if (server.adminKeyIsNew) lines.push(`Admin key, shown this once: ${server.adminKey?.reveal()}`)
  console.log(lines.join('\n'))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
