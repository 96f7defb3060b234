import { code, PROXY, proxyBench, testSecretsStayOut } from '@activepieces/test-support/proxy-bench'
import { describe, expect, test } from 'vitest'

const bench = proxyBench()

describe('P1, P03, P04: the tail cannot change where the key goes', () => {
  test.each([
    '/https://evil.example/x',
    '/https:/evil.example/x',
    '/https%3A%2F%2Fevil.example/x',
    '/https:%2f%2fevil.example/x',
    '//evil.example/x',
    '/%2Fevil.example/x',
    '/%2f%2fevil.example/x',
    '/v1/../../admin',
    '/v1/%2e%2e/%2e%2e/admin',
    '/v1/%252e%252e/admin',
    '/v1/..%2fadmin',
    '/v1/./models',
    '/v1/..;/admin',
    '/\\evil.example/x',
    '/%5cevil.example/x',
    '/v1/%00',
    '/v1/%0d%0aHost:%20evil.example',
    '/v1/#@evil.example',
  ])('%s', async (tail) => {
    const reply = await bench.get(PROXY + tail)
    expect([reply.status, code(reply.body)]).toEqual([400, 'bad-path'])
    expect(bench.upstream.requests).toEqual([])
  })

  test('an encoding that is not valid is refused in our shape', async () => {
    const reply = await bench.get(`${PROXY}/v1/%zz`)
    expect([reply.status, JSON.parse(reply.body.toString()).type]).toEqual([400, 'error'])
    expect(bench.upstream.requests).toEqual([])
  })

  test.each([
    '/v1/models/ft:gpt-4o:org::id',
    '/v1/models/org%2Fmodel',
    '/v1/models/a%20b',
    '/v1/files/100%25',
    '/v1/x.y/..z',
  ])('a plain tail passes as it is: %s', async (tail) => {
    expect((await bench.get(PROXY + tail)).status).toBe(200)
    expect(bench.upstream.last().url).toBe(tail)
  })

  test.each([301, 302, 303, 307, 308])('P04: a redirect (%i) is refused and its target not told', async (status) => {
    bench.upstream.answer((_request, response) =>
      response.writeHead(status, { location: 'https://evil.example/' }).end(),
    )
    const reply = await bench.get(`${PROXY}/v1/models`)
    expect([reply.status, code(reply.body)]).toEqual([502, 'redirect-refused'])
    expect(JSON.stringify([reply.rawHeaders, reply.body.toString()])).not.toContain('evil.example')
    expect(bench.upstream.requests.length).toBe(1)
  })

  test('304 is not a redirect', async () => {
    bench.upstream.answer((_request, response) => response.writeHead(304, { etag: '"1"' }).end())
    expect((await bench.get(`${PROXY}/v1/models`, ['If-None-Match', '"1"'])).status).toBe(304)
  })
})

describe('P2: base path and query are kept', () => {
  test.each([
    [`${PROXY}/v1/x?y=1`, '/v1/x?y=1'],
    [`${PROXY}/v1/x?a=%2F&b=a%20b&b=c+d&redirect=https://x/`, '/v1/x?a=%2F&b=a%20b&b=c+d&redirect=https://x/'],
    ['/api/v1/ai-providers/proxy/gateway/v1/x?y=1', '/openai/v1/x?y=1'],
    ['/api/v1/ai-providers/proxy/openai@gateway/v1/x?y=1', '/openai/v1/x?y=1'],
    ['/api/v1/ai-providers/proxy/openai%40gateway/', '/openai/'],
  ])('%s', async (path, expected) => {
    expect((await bench.get(path)).status).toBe(200)
    expect(bench.upstream.last().url).toBe(expected)
  })
})

testSecretsStayOut(bench)
