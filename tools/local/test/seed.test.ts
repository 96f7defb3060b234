import { execFile } from 'node:child_process'
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { copyWorkspace } from '@activepieces/test-support/copy-workspace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../../..')
const COMMON = 'packages/pieces/community/common'
const run = promisify(execFile)
/** `factory.txt` and `entry.txt` are exact copies of the page's code. */
const seed = (name: string) => readFile(join(import.meta.dirname, 'seed', name), 'utf8')

let copy: string
let vendor: { url: string; requests: object[]; close: () => void }
beforeAll(async () => {
  copy = await mkdtemp(join(await realpath(tmpdir()), 'seed-'))
  vendor = await startVendor()
  await copyWorkspace(copy)
  await addProvider(copy)
}, 60_000)
afterAll(async () => {
  vendor.close()
  await rm(copy, { recursive: true, force: true })
})

describe('the code of the page "Create New AI Provider"', () => {
  it('compiles against the library', async () => {
    const tsc = run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', join(copy, COMMON)])
    expect(await tsc.catch((error: { stdout: string }) => error)).toMatchObject({ stdout: '' })
  }, 60_000)

  it('works through server and piece with both kinds of authHeader', async () => {
    const { stdout } = await run(process.execPath, [join(copy, 'packages/ask.mjs'), join(copy, 'data'), vendor.url])
    const results = JSON.parse(stdout)
    for (const key of ['your-ai-provider key-1', 'your-ai-provider-2 key-2']) {
      expect(results[key]).toMatchObject({
        status: 'succeeded',
        output: { text: 'You said: Hello', model: 'model-1' },
      })
    }
    expect(vendor.requests).toEqual([
      expect.objectContaining({ authorization: 'Bearer key-1' }),
      expect.objectContaining({ 'x-api-key': 'key-2' }),
      ...['bad', 'no-such-key', 'no-credit'].map((key) => expect.objectContaining({ authorization: `Bearer ${key}` })),
    ])
    // The factory throws the vendor's bare error object. It arrives as an error that says who must act.
    const line = "your-ai-provider: No such key. Ask an admin to enter a valid API key in the provider's connection."
    const failed = {
      status: 'failed',
      error: { code: 'authentication', message: line, actor: 'admin', provider: 'your-ai-provider' },
    }
    expect(results['your-ai-provider bad']).toMatchObject(failed)
    // The bare error object has no status, but the proxy saw it.
    expect(results.connected).toMatchObject([
      {
        status: 422,
        error: { code: 'key-rejected', param: 'apiKey', message: expect.stringMatching(/ friend\. Enter /) },
      },
      { status: 422, error: { code: 'out-of-credit', param: 'apiKey' } },
    ])
    expect(results.providers.options).toContainEqual({ label: 'Your AI Provider', value: 'your-ai-provider' })
    expect(results.models.options.map((option: { value: string }) => option.value)).toEqual([
      'model-1',
      'model-2',
      'model-3',
    ])
  }, 120_000)
})

/** The page's two steps: create the file and add the entry. A second entry uses the other kind of header. */
async function addProvider(folder: string): Promise<void> {
  const providers = join(folder, COMMON, 'src/lib/ai/providers')
  await writeFile(join(providers, 'your-ai-provider.ts'), (await seed('prelude.txt')) + (await seed('factory.txt')))
  const entry = entryOf(await seed('entry.txt'))
  const other = entry
    .replace("'your-ai-provider' as const", "'your-ai-provider-2' as const")
    .replace('authHeader({ bearer: true })', "authHeader({ name: 'x-api-key', bearer: false })")
  const index = await readFile(join(providers, 'index.ts'), 'utf8')
  const registered = index.replace('export const AiProviders = [', (opening) => `${opening}${entry}${other}`)
  await writeFile(join(providers, 'index.ts'), `import { yourAiProvider } from './your-ai-provider.ts'\n${registered}`)
  await writeFile(join(folder, 'packages/ask.mjs'), await seed('ask.txt'))
}

/** Returns the object literal from the page's diff. */
function entryOf(diff: string): string {
  const lines = diff.split('\n').map((line) => line.replace(/^\+/, ' '))
  return `\n${lines.slice(1, lines.indexOf('...')).join('\n')}\n`
}

const UNAUTHORIZED: [number, object] = [
  401,
  { error: { message: 'No such key', type: 'invalid_request_error', code: 'invalid_api_key' } },
]
/** Errors whose messages carry no usable information, only the status does. */
const VAGUE_ERRORS: Record<string, [number, object]> = {
  'Bearer no-such-key': [401, { error: { message: 'bad key, friend', type: 'auth' } }],
  'Bearer no-credit': [402, { error: { message: 'pay first' } }],
}

/** Starts a fake of your AI provider's API. */
async function startVendor() {
  const requests: object[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    requests.push(request.headers)
    const isAuthorized = request.headers.authorization === 'Bearer key-1' || request.headers['x-api-key'] === 'key-2'
    const [status, payload] = isAuthorized
      ? [200, { answer: `You said: ${JSON.parse(body).messages[0].content}` }]
      : (VAGUE_ERRORS[request.headers.authorization ?? ''] ?? UNAUTHORIZED)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(payload))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  // SAFETY: a listening TCP server has an address with a port.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, close: () => server.close() }
}
