import { once } from 'node:events'
import { createServer as createTcpServer } from 'node:net'
import { code, KEY, PROXY, proxyBench, testSecretsStayOut } from '@activepieces/test-support/proxy-bench'
import { rawRequest } from '@activepieces/test-support/raw'
import { ADMIN_KEY } from '@activepieces/test-support/server'
import { describe, expect, test } from 'vitest'

const bench = proxyBench()

describe('P8, P06: who may call', () => {
  test.each([
    ['nothing', [], 'engine-token-missing'],
    ['the admin key', ['Authorization', `Bearer ${ADMIN_KEY}`], 'engine-token-invalid'],
    ['a vendor’s key', ['x-api-key', 'sk-something'], 'engine-token-invalid'],
    ['another scheme', ['Authorization', 'Basic abc'], 'engine-token-missing'],
    [
      'a token of nobody',
      ['Authorization', 'Bearer eyJhbGciOiJub25lIn0.eyJwcm9qZWN0SWQiOiJ4In0.'],
      'engine-token-invalid',
    ],
  ])('%s is not enough', async (_name, headers, expected) => {
    const reply = await rawRequest(bench.server.url, { path: `${PROXY}/v1/models`, headers })
    expect([reply.status, code(reply.body), reply.headers['x-ai-proxy-error']]).toEqual([401, expected, expected])
    expect(bench.upstream.requests).toEqual([])
  })
})

describe('P9, P10: own errors have a code, a mark and the shape of the vendors', () => {
  test('404 for a connection that is not there, with what to do', async () => {
    for (const name of ['nobody', 'anthropic@openai', 'openai@nobody']) {
      const reply = await bench.get(`/api/v1/ai-providers/proxy/${name}/v1/models`)
      expect([reply.status, reply.headers['x-ai-proxy-error']]).toEqual([404, 'connection-not-found'])
      expect(JSON.parse(reply.body.toString())).toEqual({
        type: 'error',
        error: {
          type: 'not_found_error',
          code: 'connection-not-found',
          message: `No AI provider connection "${name}" is configured.`,
          param: null,
          actor: 'admin',
          remedy: 'Connect the provider in the admin console.',
          retryable: false,
        },
      })
    }
  })

  test('502 for a vendor that is not there, without address and key', async () => {
    await bench.server.connections.save({
      provider: 'openai',
      slug: 'dead',
      baseUrl: 'http://127.0.0.1:9/secret',
      apiKey: KEY,
    })
    const reply = await bench.get('/api/v1/ai-providers/proxy/dead/v1/models?q=private')
    expect([reply.status, code(reply.body)]).toEqual([502, 'vendor-unreachable'])
    expect(reply.body.toString()).toContain('ECONNREFUSED')
    expect(reply.body.toString()).not.toMatch(/127\.0|secret|private|sk-/)
  })

  test('502 for a vendor that closes before it answers', async () => {
    bench.upstream.answer((_request, response) => response.destroy())
    expect(code((await bench.get(`${PROXY}/v1/models`)).body)).toBe('vendor-unreachable')
  })

  test('504 first-byte-timeout for a vendor that does not answer', async () => {
    bench.upstream.answer(() => {})
    const reply = await bench.get(`${PROXY}/v1/models`)
    expect([reply.status, code(reply.body)]).toEqual([504, 'first-byte-timeout'])
  })

  test('a vendor that falls silent within a stream is cut off', async () => {
    bench.upstream.answer((_request, response) => response.writeHead(200).write('half'))
    await expect(bench.get(`${PROXY}/v1/models`)).rejects.toThrow('aborted')
  })

  test('504 connect-timeout for an address that never takes the connection', async () => {
    // A TLS handshake that nobody answers counts as connecting.
    const silent = createTcpServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port : 0
    await bench.server.connections.save({
      provider: 'openai',
      slug: 'silent',
      baseUrl: `https://127.0.0.1:${port}`,
      apiKey: KEY,
    })
    const reply = await bench.get('/api/v1/ai-providers/proxy/silent/v1/models')
    expect([reply.status, code(reply.body)]).toEqual([504, 'connect-timeout'])
    silent.close()
  })
})

testSecretsStayOut(bench)
