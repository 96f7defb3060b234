import { mkdir } from 'node:fs/promises'
import { type Config, createServer, type ProviderServer } from '@activepieces/server'
import { startEmulator } from './emulator.ts'
import { forgetSession, saveSession } from './session.ts'

/** The vendors that are connected by themselves, and the variable that holds a real key. */
const VENDORS = [
  { provider: 'openai', variable: 'OPENAI_API_KEY' },
  { provider: 'anthropic', variable: 'ANTHROPIC_API_KEY' },
] as const

/** Engine tokens live an hour at most: the session's is made anew long before. */
const NEW_TOKEN_EVERY_MS = 30 * 60_000

export type LocalServer = { server: ProviderServer; url: string; token: string; close: () => Promise<void> }

/**
 * Starts the server with everything that it needs on one machine: the emulator, and a connection to each vendor. A key in
 * the environment connects the vendor itself; a connection that the admin has made stays as it is; the rest goes to the
 * emulator, marked as such.
 *
 * @param env where the vendors' keys may be
 */
export async function startLocalServer(
  config: Partial<Config> & Pick<Config, 'dataDir'>,
  env: NodeJS.ProcessEnv,
): Promise<LocalServer> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 })
  const emulator = await startEmulator()
  const allowedOrigins = [...(config.allowedOrigins ?? []), new URL(emulator.url).origin]
  const server = await createServer({ ...config, allowedOrigins }).catch(async (error: unknown) => {
    await emulator.stop()
    throw error
  })
  try {
    await connectVendors(server, emulator.url, env)
    const url = await server.listen()
    const token = await openSession(server, url, config.dataDir)
    const renew = setInterval(() => {
      openSession(server, url, config.dataDir).catch((error: unknown) => {
        server.app.log.error({ err: error }, 'the engine token of the local session could not be renewed')
      })
    }, NEW_TOKEN_EVERY_MS).unref()
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

async function connectVendors(server: ProviderServer, emulatorUrl: string, env: NodeJS.ProcessEnv): Promise<void> {
  const connections = await server.connections.list()
  for (const { provider, variable } of VENDORS) {
    const apiKey = env[variable]
    const present = connections.find((connection) => connection.slug === provider)
    if (apiKey) await server.connections.save({ provider, apiKey })
    else if (!present || present.emulated) {
      await server.connections.save({ provider, apiKey: 'local-emulator', baseUrl: emulatorUrl, emulated: true })
    }
  }
}
