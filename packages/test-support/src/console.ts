import { createServer, type ProviderServer, type ServerOptions } from '@activepieces/server'
import { LLMock } from '@copilotkit/aimock'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll, inject } from 'vitest'
import { ADMIN_KEY, launchBrowser, openPage } from './browser.ts'
import type {} from './provided-context.ts'
import { dataFolder } from './server.ts'

export { ADMIN_KEY, choose, openPage, signIn } from './browser.ts'

/** What the emulator answers to every question. */
export const ANSWER = 'A piece is a building block of a flow: a set of actions and triggers for one service.'

/** What the tests of one file share; there from `beforeAll` on. */
type State = { url: string; dataDir: string; server: ProviderServer; emulator: LLMock; browser: Browser }

type ConsoleOptions = ServerOptions & {
  connected?: readonly string[]
  before?: (dataDir: string) => Promise<void>
}

/**
 * A server with the console, a vendor's emulator, and a real browser, for the tests of one file.
 *
 * @param connected providers that are connected to the emulator from the beginning
 * @param before told of the data folder before the server opens it
 */
export function startConsole({ connected = [], before, ...options }: ConsoleOptions = {}) {
  // SAFETY: beforeAll fills it in before any test reads it.
  const state = {} as State
  let folder: Awaited<ReturnType<typeof dataFolder>>
  beforeAll(async () => {
    folder = await dataFolder()
    state.dataDir = folder.path
    await before?.(folder.path)
    state.emulator = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 8, latency: 5 })
    state.emulator.on({ predicate: () => true }, { content: ANSWER, usage: USAGE })
    await state.emulator.start()
    state.server = await createServer({
      host: '127.0.0.1',
      port: 0,
      dataDir: folder.path,
      adminKey: ADMIN_KEY,
      logLevel: 'silent',
      consoleDir: inject('consoleDir'),
      allowedOrigins: ['http://127.0.0.1:*'],
      ...options,
    })
    for (const provider of connected) {
      await state.server.connections.save({
        provider,
        apiKey: 'local-emulator',
        baseUrl: state.emulator.url,
        emulated: true,
      })
    }
    state.url = await state.server.listen()
    state.browser = await launchBrowser()
  })
  afterAll(async () => {
    await state.browser?.close()
    await state.server?.close()
    await state.emulator?.stop()
    await folder?.remove()
  })
  return {
    state,
    open: (path = '/', how: BrowserContextOptions = {}) => openPage(state.browser, state.url + path, how),
  }
}

const USAGE = { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32, input_tokens: 20, output_tokens: 12 }
