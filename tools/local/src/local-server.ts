import { mkdir } from 'node:fs/promises'
import { type Config, createServer, type ProviderServer } from '@activepieces/server'
import { startEmulator } from './emulator.ts'
import { createLibraryDocs } from './library-docs.ts'
import { forgetSession, saveSession } from './session.ts'

/** Providers that are connected automatically, and the environment variable for a real API key. */
const PROVIDERS = [
  { provider: 'openai', variable: 'OPENAI_API_KEY' },
  { provider: 'anthropic', variable: 'ANTHROPIC_API_KEY' },
] as const

/** Engine tokens last at most an hour, so the session's token is renewed well before that. */
const TOKEN_RENEWAL_INTERVAL_MS = 30 * 60_000

export type LocalServer = { server: ProviderServer; url: string; token: string; close: () => Promise<void> }

/**
 * Starts the server with the emulator and a connection to each provider. An API key in the environment connects the
 * provider itself. Connections created by the admin stay unchanged. The others use the emulator and are marked as emulated.
 *
 * @param env environment variables, which may hold API keys
 */
export async function startLocalServer(
  config: Partial<Config> & Pick<Config, 'dataDir'>,
  env: NodeJS.ProcessEnv,
): Promise<LocalServer> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const emulator = await startEmulator()
  const allowedOrigins = [...(config.allowedOrigins ?? []), new URL(emulator.url).origin]
  const server = await createServer({ ...config, allowedOrigins, findLibraryDocs: createLibraryDocs() }).catch(
    async (error: unknown) => {
      await emulator.stop()
      throw error
    },
  )
  try {
    await connectProviders(server, emulator.url, env)
    const url = await server.listen()
    const token = await openSession(server, url, config.dataDir)
    const renew = setInterval(() => {
      openSession(server, url, config.dataDir).catch((error: unknown) => {
        server.app.log.error({ err: error }, 'the engine token of the local session could not be renewed')
      })
    }, TOKEN_RENEWAL_INTERVAL_MS).unref()
    const close = async () => {
      clearInterval(renew)
      await forgetSession(config.dataDir)
      await server.close()
      await emulator.stop()
    }
    return { server, url, token, close }
  } catch (error) {
    await server.close()
    await emulator.stop()
    throw error
  }
}

async function openSession(server: ProviderServer, url: string, dataDir: string): Promise<string> {
  const { token } = await server.mintEngineToken({ expiresInSeconds: 3600 })
  await saveSession(dataDir, { url, token })
  return token
}

async function connectProviders(server: ProviderServer, emulatorUrl: string, env: NodeJS.ProcessEnv): Promise<void> {
  const connections = await server.connections.list()
  for (const { provider, variable } of PROVIDERS) {
    const apiKey = env[variable]
    const existing = connections.find((connection) => connection.slug === provider)
    if (apiKey) await server.connections.save({ provider, apiKey })
    else if (!existing || existing.emulated) {
      await server.connections.save({ provider, apiKey: 'local-emulator', baseUrl: emulatorUrl, emulated: true })
    }
  }
}
