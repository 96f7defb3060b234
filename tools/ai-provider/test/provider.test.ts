import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve as resolvePath } from 'node:path'
import { ADMIN_KEY, choose, launchBrowser, openPage, signIn } from '@activepieces/test-support/browser'
import { copyWorkspace } from '@activepieces/test-support/copy-workspace'
import { FsTree } from 'nx/src/generators/tree'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProviderOptions } from '../src/options.ts'
import { provider } from '../src/provider.ts'
import { LOGOS, PROVIDERS, REGISTRY } from '../src/registry.ts'

const ROOT = resolvePath(import.meta.dirname, '../../..')
const VITE = 'node_modules/vite/bin/vite.js'
const SUITE = 'packages/provider-conformance/test/providers.test.ts'
const BIOME = 'node_modules/@biomejs/biome/bin/biome'
const TSC = 'node_modules/typescript/bin/tsc'

let copy: string
beforeAll(async () => {
  copy = await mkdtemp(join(await realpath(tmpdir()), 'generator-'))
  await copyWorkspace(copy, { tests: true })
}, 60_000)
afterAll(() => rm(copy, { recursive: true, force: true }))

describe('nx g @activepieces/ai-provider:provider', () => {
  it('prints the changes with --dry-run and writes nothing', async () => {
    const before = await fingerprint()
    const { code, output } = await generate('my-vendor', '--dry-run')
    expect(output).toMatch(
      /CREATE .*providers\/my-vendor\.ts\nUPDATE .*providers\/index\.ts\nCREATE .*logos\/my-vendor\.svg/,
    )
    expect(output).not.toContain('is registered')
    expect(code).toBe(0)
    expect(await fingerprint()).toBe(before)
  }, 60_000)

  it('prints its description and options with --help', async () => {
    const { code, output } = await generate('--help')
    expect(output).toMatch(/Adds an AI provider: [\s\S]*--baseUrl/)
    expect(output).not.toContain('undefined')
    expect(code).toBe(0)
  }, 60_000)

  it('exits with 1 for an invalid option and writes nothing', async () => {
    const before = await fingerprint()
    const { code, output } = await generate('My_Vendor')
    expect(output).toMatch(/name is "My_Vendor"; allowed: lower-case letters/)
    expect(code).toBe(1)
    expect(await fingerprint()).toBe(before)
  }, 60_000)

  it.each<[string, ProviderOptions, RegExp]>([
    ['a name that is taken', { name: 'groq' }, /name is "groq", which is taken: see .*providers\/index\.ts:\d+/],
    ['a label that is taken', { name: 'grok', label: 'groq' }, /label is "groq", which is taken: see .*index\.ts:\d+/],
    ['the name of another file', { name: 'index' }, /name is "index", but .*index\.ts already exists/],
    ['an unknown protocol', { name: 'ok', wire: 'soap' }, /wire is "soap"; allowed: openai-compatible or own/],
  ])('rejects %s', async (_, options, message) => {
    const tree = new FsTree(copy, false)
    await expect(provider(tree, options)).rejects.toThrow(message)
    expect(tree.listChanges()).toEqual([])
  })

  it('writes a compatible provider and its entry, and prints the next steps', async () => {
    const { code, output } = await generate('my-vendor', '--baseUrl', 'https://api.my-vendor.com/openai/v1/')
    expect(output).toMatch(/My Vendor is registered[\s\S]*npm run conformance -- my-vendor\n/)
    expect(code).toBe(0)
    const file = await read(`${PROVIDERS}/my-vendor.ts`)
    expect(file.split('\n').length).toBeLessThanOrEqual(25)
    const registry = await read(REGISTRY)
    expect(registry).toContain("import { myVendor, myVendorInstructions, myVendorModels } from './my-vendor.ts'")
    expect(registry).toContain("defaultBaseUrl: 'https://api.my-vendor.com/openai'")
    expect(registry).toContain('auth: authHeader({ bearer: true }),\n    factory: myVendor')
    expect(registry).toContain("logoUrl: '/logos/my-vendor.svg'")
    expect(await read(`${LOGOS}/my-vendor.svg`)).toMatch(/^<svg [\s\S]*>M<[\s\S]*<\/svg>\n$/)
    expect(registry.indexOf("'groq'")).toBeLessThan(registry.indexOf("'my-vendor'"))
    expect(registry.indexOf("'my-vendor'")).toBeLessThan(registry.indexOf("'ollama'"))
  }, 60_000)

  it('writes a provider with its own protocol and header, with TODOs for the rest', async () => {
    const { code } = await generate('own-vendor', '--wire', 'own', '--authHeader', 'x-api-key', '--label', "Own's AI+")
    expect(code).toBe(0)
    const file = await read(`${PROVIDERS}/own-vendor.ts`)
    expect(file.match(/TODO/g)?.length).toBeGreaterThan(3)
    expect(await read(REGISTRY)).toContain("authHeader({ name: 'x-api-key', bearer: false })")
  }, 60_000)

  it('writes code that passes Biome and TypeScript', async () => {
    const biome = await node(BIOME, 'check', '--vcs-enabled=false', 'packages/pieces/community/common', 'tools/local')
    expect(biome).toMatchObject({ code: 0 })
    expect(await node(TSC, '-p', 'packages/pieces/community/common')).toEqual({ code: 0, output: '' })
  }, 60_000)

  it('the new provider works through AI()', async () => {
    const vendor = await startVendor()
    const script = `
      import { AI } from '@activepieces/pieces-common'
      const ai = AI({ provider: 'my-vendor', server: { apiUrl: '${vendor.url}', token: 'engine-token' } })
      const completion = await ai.chat.text({ model: 'model-1', messages: [{ role: 'user', content: 'Hello' }] })
      console.log(completion.choices[0].content)
    `
    const { output } = await node('--input-type=module', '-e', script)
    vendor.close()
    expect(output).toBe('You output: Hello\n')
    expect(vendor.requests).toEqual([
      {
        path: '/v1/ai-providers/proxy/my-vendor/v1/chat/completions',
        headers: expect.objectContaining({ authorization: 'Bearer engine-token' }),
      },
    ])
  }, 60_000)

  it('the new provider can be connected in the console and used in Try a step', async () => {
    const vendor = await startVendor()
    const console = await startConsole()
    try {
      const { page } = console
      const card = page.getByRole('article', { name: 'My Vendor' })
      const logo = await card.locator('img').getAttribute('src')
      expect(await (await page.request.get(console.url + logo)).text()).toBe(await read(`${LOGOS}/my-vendor.svg`))

      await card.getByRole('button', { name: 'Connect My Vendor' }).click()
      const dialog = page.getByRole('dialog')
      expect(await dialog.getByLabel('Base URL').inputValue()).toBe('https://api.my-vendor.com/openai')
      await dialog.getByText('Get a My Vendor API key').waitFor()
      await dialog.getByLabel('API key').fill('key-of-my-vendor')
      await dialog.getByLabel('Base URL').fill(vendor.url)
      await dialog.getByRole('button', { name: 'Test and save' }).click()
      await card.getByText('Works').waitFor()

      await page.getByRole('link', { name: 'Try a step' }).click()
      await choose(page, 'Provider', 'My Vendor')
      await choose(page, 'Model', 'model-1')
      await page.getByRole('textbox', { name: 'Prompt', exact: true }).fill('Hello')
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByRole('paragraph').filter({ hasText: 'You output: Hello' }).waitFor()
      expect(vendor.requests.at(-1)).toMatchObject({
        path: '/v1/chat/completions',
        headers: { authorization: 'Bearer key-of-my-vendor' },
      })
    } finally {
      await console.close()
      vendor.close()
    }
  }, 120_000)

  it('the conformance suite lists what is left to fill in, and passes once it is filled in', async () => {
    const stub = await node('packages/provider-conformance/src/main.ts', 'my-vendor')
    expect(stub.code).toBe(1)
    expect(stub.output.match(/✗ \w+/g)).toEqual(['✗ S04'])
    for (const message of [
      'my-vendor.ts:4: still to do',
      '"model-1", "model-2"',
      "the template's address",
      '@see https://',
    ])
      expect(stub.output).toContain(message)
    await replaceIn(`${PROVIDERS}/my-vendor.ts`, /TODO: .*`@see`.*?\.? \*\//g, '@see https://docs.acme.ai */')
    await replaceIn(`${PROVIDERS}/my-vendor.ts`, /model-(\d)/g, 'acme-$1')
    await replaceIn(`${PROVIDERS}/my-vendor.ts`, /TODO: the page that issues/, 'The page that issues')
    for (const file of [`${PROVIDERS}/my-vendor.ts`, REGISTRY]) await replaceIn(file, /my-vendor\.com/g, 'acme.ai')
    const { code, output } = await node('packages/provider-conformance/src/main.ts', 'my-vendor')
    expect({ code, failed: output.match(/✗ .*$/gm) ?? [] }).toEqual({ code: 0, failed: [] })
  }, 240_000)

  it('the conformance suite fails for the provider with its own protocol and lists what is missing', async () => {
    const { code, output } = await suite("Own's AI\\+")
    expect(code).toBe(1)
    expect(output).toMatch(/X01 text: plain: the text is "TODO"; expected /)
    const list = await node('packages/provider-conformance/src/main.ts', 'own-vendor')
    expect(list.code).toBe(1)
    expect(list.output).toMatch(/✗ X01 text \(model-1\): plain: the text is "TODO"; expected /)
  }, 240_000)
})

/** Runs the generator with the documented command. */
function generate(...args: string[]) {
  return node('node_modules/nx/dist/bin/nx.js', 'g', '@activepieces/ai-provider:provider', ...args, '--no-interactive')
}

/** Starts the copy's server with this workspace's console, and a browser that has signed in. */
async function startConsole() {
  const dist = join(copy, 'console')
  const { code, output } = await node(join(ROOT, VITE), 'build', join(ROOT, 'packages/web'), '--outDir', dist)
  expect(code, output).toBe(0)
  const env = {
    PORT: '0',
    AP_DATA_DIR: join(copy, '.data'),
    AP_ADMIN_KEY: ADMIN_KEY,
    AP_CONSOLE_DIR: dist,
    AP_ALLOWED_ORIGINS: 'http://127.0.0.1:*',
    AP_LOG_LEVEL: 'warn',
  }
  const server = spawn(process.execPath, ['packages/server/src/main.ts'], { cwd: copy, env })
  const url = await new Promise<string>((resolve, reject) => {
    let printed = ''
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (piece) => {
        printed += piece
        const [found] = printed.match(/http:\/\/[\d.:]+(?=\s)/) ?? []
        if (found) resolve(found)
      })
    }
    server.once('exit', () => reject(new Error(printed)))
  })
  const browser = await launchBrowser()
  const page = await openPage(browser, url)
  await signIn(page)
  const close = async () => {
    await browser.close()
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
  return { url, page, close }
}

/** Runs the conformance suite for one provider. */
function suite(label: string) {
  return node('node_modules/vitest/vitest.mjs', 'run', '--project', 'provider-conformance', SUITE, '-t', label)
}

/** Runs a program in the copy. A failing exit code does not throw. */
function node(...args: string[]): Promise<{ code: number; output: string }> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(NX|VITEST|NODE_ENV|TEST$)/.test(name))
  const env = { ...Object.fromEntries(inherited), NX_DAEMON: 'false', NO_COLOR: '1' }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: copy, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') return reject(error)
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr })
    })
  })
}

function read(file: string): Promise<string> {
  return readFile(join(copy, file), 'utf8')
}

async function replaceIn(file: string, pattern: RegExp, replacement: string): Promise<void> {
  await writeFile(join(copy, file), (await read(file)).replace(pattern, replacement))
}

/** Hashes all files of the copy except dependencies and caches. */
async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
  for (const part of ['packages', 'tools']) {
    const entries = await readdir(join(copy, part), { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    for (const file of files.sort()) hash.update(file).update(await readFile(file))
  }
  return hash.digest('hex')
}

/** Starts a fake vendor that implements chat completions. */
async function startVendor() {
  const requests: { path: string | undefined; headers: IncomingHttpHeaders }[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    requests.push({ path: request.url, headers: request.headers })
    if (request.method === 'GET')
      return void response.end(JSON.stringify({ object: 'list', data: [{ id: 'model-1' }] }))
    const { model, messages, stream } = JSON.parse(body)
    const message = { role: 'assistant', content: `You output: ${messages[0].content}` }
    const completion = {
      id: 'completion-1',
      object: 'chat.completion',
      created: 1,
      model,
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    }
    if (!stream) return void response.setHeader('content-type', 'application/json').end(JSON.stringify(completion))
    const chunk = {
      ...completion,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta: message, finish_reason: 'stop' }],
    }
    response.setHeader('content-type', 'text/event-stream').end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  // SAFETY: a listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, requests, close: () => server.close() }
}
