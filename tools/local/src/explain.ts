import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type ProviderServer } from '@activepieces/server'
import { type SeenRequest, startEmulator } from './emulator.ts'
import type { Session } from './session.ts'

export type Explainer = { session: Session; requests: readonly SeenRequest[]; close: () => Promise<void> }

/**
 * Starts a server whose only connection points to the emulator. The emulator records and answers every request, so any
 * action runs to its end and reports its warnings.
 *
 * @param provider the connection to run the action with, e.g. `openai` or `openai@my-gateway`
 * @param folder where the server's database is kept between calls, because creating one takes seconds
 */
export async function startExplainer(provider: string, folder: string): Promise<Explainer> {
  const requests: SeenRequest[] = []
  const emulator = await startEmulator((request) => {
    if (request.method !== 'GET') requests.push(request)
  })
  const { server, removeFolder } = await openServer(folder, new URL(emulator.url).origin).catch(
    async (error: unknown) => {
      await emulator.stop()
      throw error
    },
  )
  const close = async () => {
    await server.close()
    await emulator.stop()
    await removeFolder()
  }
  try {
    const [value = '', slug] = provider.split('@')
    await server.connections.save({ provider: value, ...(slug && { slug }), apiKey: 'none', baseUrl: emulator.url })
    const url = await server.listen()
    const { token } = await server.mintEngineToken({ expiresInSeconds: 3600 })
    return { session: { url, token }, requests, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Uses a temporary folder if another command is using the folder. */
async function openServer(
  folder: string,
  origin: string,
): Promise<{ server: ProviderServer; removeFolder: () => Promise<void> }> {
  const open = (dataDir: string) =>
    createServer({ dataDir, port: 0, logLevel: 'silent' as const, allowedOrigins: [origin] })
  try {
    return { server: await open(folder), removeFolder: async () => {} }
  } catch {
    const temporary = await mkdtemp(join(tmpdir(), 'explain-'))
    const removeFolder = () => rm(temporary, { recursive: true, force: true })
    try {
      return { server: await open(temporary), removeFolder }
    } catch (error) {
      await removeFolder()
      throw error
    }
  }
}
