import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type ProviderServer } from '@activepieces/server'
import { type SeenRequest, startEmulator } from './emulator.ts'
import type { Session } from './session.ts'

export type Explainer = { session: Session; requests: readonly SeenRequest[]; close: () => Promise<void> }

/**
 * A server of its own, whose only connection leads to the emulator: whatever an action sends is written down there and
 * answered, so that the action comes to its end and says what it changed. So an action is explained as it is, without
 * knowing anything of it.
 *
 * @param provider the connection that the action is to be run with, e.g. `openai` or `openai@my-gateway`
 * @param folder where the server's database stays for the next time: a new one takes seconds
 */
export async function startExplainer(provider: string, folder: string): Promise<Explainer> {
  const requests: SeenRequest[] = []
  const emulator = await startEmulator((request) => {
    if (request.method !== 'GET') requests.push(request)
  })
  const { server, forget } = await openServer(folder, new URL(emulator.url).origin).catch(async (error: unknown) => {
    await emulator.stop()
    throw error
  })
  const close = async () => {
    await server.close()
    await emulator.stop()
    await forget()
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

/** In a folder for this once where another command explains at the same time. */
async function openServer(
  folder: string,
  origin: string,
): Promise<{ server: ProviderServer; forget: () => Promise<void> }> {
  const open = (dataDir: string) =>
    createServer({ dataDir, port: 0, logLevel: 'silent' as const, allowedOrigins: [origin] })
  try {
    return { server: await open(folder), forget: async () => {} }
  } catch {
    const once = await mkdtemp(join(tmpdir(), 'explain-'))
    const forget = () => rm(once, { recursive: true, force: true })
    try {
      return { server: await open(once), forget }
    } catch (error) {
      await forget()
      throw error
    }
  }
}
