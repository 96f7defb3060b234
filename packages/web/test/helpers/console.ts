import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AiServer, createServer, type ServerOptions } from '@activepieces/server'
import { LLMock } from '@copilotkit/aimock'
import chromium from '@sparticuz/chromium'
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from 'playwright-core'
import { afterAll, beforeAll, inject } from 'vitest'

export const ADMIN_KEY = 'admin-key-of-the-tests-0123456789'

/** What the emulator answers to every question. */
export const ANSWER = 'A piece is a building block of a flow: a set of actions and triggers for one service.'

/** What the tests of one file share; there from `beforeAll` on. */
type State = { url: string; dataDir: string; server: AiServer; emulator: LLMock; browser: Browser }

type ConsoleOptions = ServerOptions & {
  connected?: readonly string[]
  before?: (dataDir: string) => Promise<void>
}

/** Of the browser's own flags those that hold in a container; its default set trades too much for Lambda. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--headless=new']

/**
 * A server with the console, a vendor's emulator, and a real browser, for the tests of one file.
 *
 * @param connected providers that are connected to the emulator from the beginning
 * @param before told of the data folder before the server opens it
 */
export function startConsole({ connected = [], before, ...options }: ConsoleOptions = {}) {
  // SAFETY: beforeAll fills it in before any test reads it.
  const state = {} as State
  let dataDir = ''
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'web-test-'))
    state.dataDir = dataDir
    await before?.(dataDir)
    state.emulator = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 8, latency: 5 })
    state.emulator.on({ predicate: () => true }, { content: ANSWER, usage: USAGE })
    await state.emulator.start()
    state.server = await createServer({
      host: '127.0.0.1',
      port: 0,
      dataDir,
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
    state.browser = await playwright.launch({ executablePath: await chromium.executablePath(), args: FLAGS })
  })
  afterAll(async () => {
    await state.browser?.close()
    await state.server?.close()
    await state.emulator?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  return {
    state,
    open: (path = '/', how: BrowserContextOptions = {}) => openPage(state.browser, state.url + path, how),
  }
}

const USAGE = { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32, input_tokens: 20, output_tokens: 12 }

/** A page in a context of its own. */
export async function openPage(browser: Browser, url: string, how: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1280, height: 860 }, ...how })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(url)
  return page
}

/** Chooses in a dropdown as soon as it has its options. */
export async function choose(page: Page, label: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: label }).and(page.locator(':enabled')).click()
  await page.getByRole('option', { name: option, exact: typeof option === 'string' }).click()
}

/** Through the sign-in screen, as a person. */
export async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Admin key').fill(ADMIN_KEY)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'Sign in' }).waitFor()
}
