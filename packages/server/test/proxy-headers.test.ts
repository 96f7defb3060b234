import { KEY, PROXY, proxyBench, testSecretsStayOut } from '@activepieces/test-support/proxy-bench'
import { rawRequest } from '@activepieces/test-support/raw'
import { describe, expect, test } from 'vitest'

const bench = proxyBench()

describe('P6: headers', () => {
  test('P01: no credential of the caller reaches the vendor, in any casing, doubled or beside others', async () => {
    const names = [
      'authorization',
      'x-api-key',
      'api-key',
      'x-goog-api-key',
      'proxy-authorization',
      'x-auth-token',
      'cookie',
    ]
    const casings = [
      (n: string) => n,
      (n: string) => n.toUpperCase(),
      (n: string) => n.replace(/(^|-)\w/g, (c) => c.toUpperCase()),
    ]
    for (const casing of casings) {
      const sent = names.flatMap((name) => [casing(name), 'stolen-1', casing(name), 'stolen-2'])
      const reply = await bench.get(`${PROXY}/v1/models`, sent)
      expect(reply.status).toBe(200)
      const { rawHeaders } = bench.upstream.last()
      expect(rawHeaders.join('\n')).not.toContain('stolen')
      expect(rawHeaders.join('\n')).not.toContain(bench.token)
      expect(rawHeaders.filter((item) => /^authorization$/i.test(item)).length).toBe(1)
      expect(bench.upstream.last().headers.authorization).toBe(`Bearer ${KEY}`)
    }
  })

  test.each(['x-api-key', 'api-key', 'x-goog-api-key'])(
    'the engine token is taken from %s and stays here',
    async (name) => {
      const reply = await rawRequest(bench.server.url, { path: `${PROXY}/v1/models`, headers: [name, bench.token] })
      expect(reply.status).toBe(200)
      expect(bench.upstream.last().rawHeaders.join('\n')).not.toContain(bench.token)
    },
  )

  test('P02: hop-by-hop headers, those that Connection names, forwarding ones and unknown ones stay here', async () => {
    await bench.get(`${PROXY}/v1/models`, [
      ...[
        'Connection',
        'keep-alive, X-Named',
        'X-Named',
        '1',
        'Keep-Alive',
        'timeout=5',
        'TE',
        'trailers',
        'Upgrade',
        'h2c',
      ],
      ...['Forwarded', 'for=1', 'X-Forwarded-For', '1', 'X-Real-IP', '1', 'Via', 'x', 'CF-Ray', '1', 'X-AP-Total', '1'],
      ...['Sec-Fetch-Mode', 'cors', 'Origin', 'http://x'],
    ])
    const { host: _host, authorization: _authorization, connection, ...rest } = bench.upstream.last().headers
    expect(connection).toBe('keep-alive')
    expect(rest).toEqual({})
  })

  test('what SDKs and gateways send passes, in its own casing', async () => {
    const sent = [
      'OpenAI-Organization',
      'o',
      'X-Stainless-Retry-Count',
      '1',
      'Idempotency-Key',
      'i',
      'traceparent',
      't',
    ]
    await bench.get(`${PROXY}/v1/models`, [...sent, 'anthropic-beta', 'a', 'X-Title', 't', 'User-Agent', 'u'])
    const { rawHeaders } = bench.upstream.last()
    for (const item of [...sent, 'anthropic-beta', 'X-Title', 'User-Agent']) expect(rawHeaders).toContain(item)
  })

  test('stored headers win over the same ones of the caller', async () => {
    const headers = { 'X-Tenant': 'stored', Authorization: `Bearer ${KEY}` }
    await bench.server.connections.save({ provider: 'openai', slug: 'tenant', baseUrl: bench.upstream.url, headers })
    await bench.get('/api/v1/ai-providers/proxy/tenant/v1/x', ['x-tenant', 'mine', 'X-TENANT', 'mine'])
    expect(bench.upstream.last().rawHeaders.filter((item) => /^x-tenant$/i.test(item))).toEqual(['X-Tenant'])
    expect(bench.upstream.last().headers['x-tenant']).toBe('stored')
  })

  test('P07: reply headers pass, save cookies, hop-by-hop ones and those of the vendor’s host', async () => {
    bench.upstream.answer((_request, response) => {
      const kept = ['Retry-After', '3', 'X-RateLimit-Remaining', '9', 'request-id', 'r', 'X-Twice', 'a', 'X-Twice', 'b']
      const dropped = [
        'Set-Cookie',
        'a=b',
        'Strict-Transport-Security',
        'x',
        'Alt-Svc',
        'x',
        'X-AI-Proxy-Error',
        'fake',
      ]
      response.writeHead(200, [...kept, ...dropped, 'Connection', 'X-Hop', 'X-Hop', '1']).end('{}')
    })
    const reply = await bench.get(`${PROXY}/v1/models`)
    const pairs = reply.rawHeaders.join('\n')
    for (const item of ['Retry-After\n3', 'X-RateLimit-Remaining\n9', 'request-id\nr', 'X-Twice\na\nX-Twice\nb']) {
      expect(pairs).toContain(item)
    }
    expect(pairs).not.toMatch(/set-cookie|strict-transport|alt-svc|x-ai-proxy|x-hop/i)
  })
})

testSecretsStayOut(bench)
