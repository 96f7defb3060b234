import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from '@activepieces/server'
import { type SeenRequest, startEmulator } from './emulator.ts'
import type { Session } from './session.ts'

export type Explainer = { session: Session; requests: readonly SeenRequest[]; close: () => Promise<void> }

/**
 * A server of its own, whose only connection leads to the emulator: whatever an action sends is written down there and
 * answered, so that the action comes to its end and says what it changed. So an action is explained as it is, without
 * knowing anything of it.
 *
 * @param provider the connection that the action is to be run with, e.g. `openai` or `openai@my-gateway`
 */
export async function startExplainer(provider: string): Promise<Explainer> {
  const requests: SeenRequest[] = []
  const emulator = await startEmulator((request) => {
    if (request.method !== 'GET') requests.push(request)
  })
  const dataDir = await mkdtemp(join(tmpdir(), 'explain-'))
  const allowedOrigins = [new URL(emulator.url).origin]
  const server = await createServer({ dataDir, port: 0, logLevel: 'silent', allowedOrigins })
  const close = async () => {
    await server.close()
    await emulator.stop()
    await rm(dataDir, { recursive: true, force: true })
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
