import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rawRequest } from './raw.ts'
import { ADMIN_KEY, startServer, type TestServer } from './server.ts'
import { json, startUpstream, type Upstream } from './upstream.ts'

export const KEY = 'sk-known-value-0123456789'
export const PROXY = '/api/v1/ai-providers/proxy/openai'

/** A vendor, a server and connections to it, `openai` and `gateway`, for the tests of one file. */
export type ProxyBench = {
  upstream: Upstream
  server: TestServer
  token: string
  /** The header that carries the engine token. */
  auth: string[]
  get: (path: string, headers?: string[]) => ReturnType<typeof rawRequest>
}

export function proxyBench(): ProxyBench {
  // SAFETY: filled before the first test runs.
  const bench = {} as ProxyBench

  beforeAll(async () => {
    const upstream = await startUpstream()
    const server = await startServer({ timeouts: { connect: 500, firstByte: 1_000, idle: 1_000 } })
    const token = await server.token()
    const auth = ['Authorization', `Bearer ${token}`]
    const get = (path: string, headers: string[] = []) =>
      rawRequest(server.url, { path, headers: [...auth, ...headers] })
    const { url } = upstream
    await server.connections.save({ provider: 'openai', baseUrl: url, apiKey: KEY })
    await server.connections.save({ provider: 'openai', slug: 'gateway', baseUrl: `${url}/openai/`, apiKey: KEY })
    Object.assign(bench, { upstream, server, token, auth, get })
  })

  beforeEach(() => bench.upstream.answer((_request, response) => json(response, 200, { ok: true })))

  afterAll(async () => {
    await bench.server.stop()
    await bench.upstream.close()
  })

  return bench
}

/** P06, for the end of a file: what its calls have left in the log. */
export function testSecretsStayOut(bench: ProxyBench): void {
  test('P06: neither key nor token nor body stands in a log line, at any level', () => {
    const { logs } = bench.server
    expect(logs.length).toBeGreaterThan(10)
    for (const secret of [KEY, bench.token, ADMIN_KEY, 'broken', 'private']) expect(logs.join('')).not.toContain(secret)
  })
}

/** The code of an error of our own. */
export const code = (body: Buffer) => JSON.parse(body.toString()).error.code
