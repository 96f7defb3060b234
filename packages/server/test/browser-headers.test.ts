import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { AiProviders } from '@activepieces/pieces-common'
import { startServer, type TestServer, tempFolder } from '@activepieces/test-support/server'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: TestServer
let folder: Awaited<ReturnType<typeof tempFolder>>

beforeAll(async () => {
  folder = await tempFolder()
  mkdirSync(join(folder.path, 'assets'))
  writeFileSync(join(folder.path, 'index.html'), '<!doctype html><title>console</title>')
  writeFileSync(join(folder.path, 'assets/app-1.js'), 'export {}')
  const providers = AiProviders.map((provider, place) =>
    place === 0 ? { ...provider, logoUrl: 'https://cdn.example/logo.png' } : provider,
  )
  mkdirSync(join(folder.path, 'functions'))
  writeFileSync(join(folder.path, 'functions/AI.html'), '<script>start()</script><script src="../main.js"></script>')
  server = await startServer({ consoleDir: folder.path, providers, findLibraryDocs: async () => folder.path })
})
afterAll(async () => {
  await server.stop()
  await folder.remove()
})

/** The path goes out as it is. */
function get(path: string) {
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const sent = request(server.url, { path }, async (response) => {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        resolve({ status: response.statusCode, headers: response.headers, text })
      })
      sent.once('error', reject).end()
    },
  )
}

const policyOf = async (path: string) => String((await get(path)).headers['content-security-policy'])

test('the console loads images from the server and from the logos of the registry only', async () => {
  const policy = await policyOf('/usage')
  expect(policy).toContain("img-src 'self' data: https://cdn.example;")
  expect(policy).toContain("frame-ancestors 'none'")
})

test('the API reference runs its own scripts only, and in no frame', async () => {
  const policy = await policyOf('/docs/')
  expect(policy).toMatch(/script-src 'self'( 'sha256-[\w+/=]+')+;/)
  expect(policy).toContain("frame-ancestors 'none'")
})

test("the library's reference runs its own scripts only, and in no frame", async () => {
  expect(await get('/docs/library')).toMatchObject({ status: 302, headers: { location: '/docs/library/' } })
  expect(await get('/docs/library/')).toMatchObject({ status: 200, text: expect.stringContaining('<title>') })
  const policy = await policyOf('/docs/library/functions/AI.html')
  expect(policy).toMatch(/script-src 'self' 'sha256-[\w+/=]+';/)
  expect(policy).toContain("frame-ancestors 'none'")
})

test.each([
  '/',
  '/docs/',
  '/docs/library/',
  '/docs/openapi.json',
  '/assets/app-1.js',
  '/logos/openai.svg',
  '/health',
  '/api/v1/projects',
])('tells the browser not to guess the type of %s', async (path) => {
  expect((await get(path)).headers['x-content-type-options']).toBe('nosniff')
})

test('serves the assets of the console', async () => {
  expect(await get('/assets/app-1.js')).toMatchObject({ status: 200, text: 'export {}' })
})

test.each([
  '/assets//etc/passwd',
  '/assets/..%2f..%2fetc%2fpasswd',
  '/assets/%2e%2e/index.html',
  '/assets/%00',
  '/assets/',
  '/assets/none.js',
  '/assets//',
  '/logos/..%2fpackage.json',
  '/docs/library/none.html',
  '/docs/library/functions',
  '/docs/library/..%2findex.html',
  '/docs/library/%2e%2e/index.html',
  '/docs/library//etc/passwd.html',
])('answers %s with 404 or 400', async (path) => {
  const { status, text } = await get(path)
  expect([400, 404]).toContain(status)
  expect(text).not.toContain('root:')
})
