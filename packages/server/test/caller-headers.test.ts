import net from 'node:net'
import { AiProviders } from '@activepieces/pieces-common'
import { KEY, PROXY, proxyBench } from '@activepieces/test-support/proxy-bench'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import Anthropic from '@anthropic-ai/sdk'
import fc from 'fast-check'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAllowedByDefault } from '../src/platform/http/header-policy.ts'

const bench = proxyBench()

/** Headers that choose where a gateway sends a call, or with which key. */
const ROUTING = [
  // Portkey
  ...['x-portkey-custom-host', 'x-portkey-config', 'x-portkey-provider', 'x-portkey-virtual-key', 'x-portkey-api-key'],
  ...['x-portkey-azure-resource-name', 'x-portkey-forward-headers'],
  // Helicone, Cloudflare, LiteLLM, Bifrost, TrueFoundry, Envoy, Braintrust
  ...[
    'helicone-target-url',
    'helicone-openai-api-base',
    'helicone-auth',
    'helicone-fallbacks',
    'helicone-model-override',
  ],
  ...['cf-aig-authorization', 'cf-aig-byok-alias', 'x-litellm-api-key', 'x-litellm-tags', 'x-pass-authorization'],
  ...['x-bf-vk', 'x-bf-eh-authorization', 'x-tfy-provider-name', 'x-ai-eg-model', 'x-bt-endpoint-name'],
  // Reverse proxies and API gateways
  ...[
    'x-host',
    'x-upstream',
    'x-target-url',
    'x-base-url',
    'api-base',
    'target-url',
    'custom-host',
    'x-forwarded-host',
  ],
  ...['x-http-method-override', 'x-url-scheme', 'x-original-url', 'x-rewrite-url', 'x-envoy-original-path'],
  ...['azureml-model-deployment', 'x-ms-oai-image-generation-deployment', 'x-goog-user-project', 'x-amz-target'],
  // Credentials
  ...['x-accesskey', 'x-jwt', 'x-apikey', 'x-auth-token', 'x-amz-security-token', 'openai-api-key', 'cookie'],
]

/** The provider's headers of the last call without those that every call has. */
function arrived(): Record<string, unknown> {
  const { host: _host, connection: _connection, authorization: _authorization, ...rest } = bench.upstream.last().headers
  return rest
}

describe('caller headers', () => {
  test('that route at a gateway, or carry a credential, never reach the provider in any spelling', async () => {
    for (const spell of [
      (name: string) => name,
      (name: string) => name.toUpperCase(),
      (name: string) => name.replaceAll('-', '_'),
    ]) {
      const sent = ROUTING.flatMap((name) => [spell(name), 'http://evil.example', spell(name), 'again'])
      expect((await bench.get(`${PROXY}/v1/models`, sent)).status).toBe(200)
      expect(arrived()).toEqual({})
    }
  })

  test('reach the provider only by name (property)', async () => {
    const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,30}$/)
    const family = fc.constantFrom(
      'x-',
      'openai-',
      'anthropic-',
      'helicone-',
      'azureml-',
      'x-goog-',
      'x-amzn-',
      'cf-aig-',
    )
    const name = fc.oneof(
      token,
      fc.tuple(family, token).map((parts) => parts.join('')),
    )
    const names = fc.uniqueArray(name, { minLength: 1, maxLength: 20, selector: (one) => one.toLowerCase() })
    await fc.assert(
      fc.asyncProperty(names, async (all) => {
        const sent = all.filter(
          (one) =>
            !/^(host|connection|content-length|transfer-encoding|expect|upgrade|te|authorization|api-key|x-api-key|x-goog-api-key|trailer)$/i.test(
              one,
            ),
        )
        await bench.get(
          `${PROXY}/v1/models`,
          sent.flatMap((one) => [one, 'a']),
        )
        const allowed = sent.map((one) => one.toLowerCase()).filter(isAllowedByDefault)
        expect(Object.keys(arrived()).toSorted()).toEqual(allowed.toSorted())
      }),
      { numRuns: 50 },
    )
  })

  test.each([
    ['listed by Connection', 'Connection: x-portkey-config, authorization\r\nx-portkey-config: {}\r\n', ''],
    ['folded into an allowed one', 'User-Agent: a\r\n x-portkey-custom-host: http://evil.example\r\n', ''],
    [
      'in a trailer',
      'Transfer-Encoding: chunked\r\nTrailer: x-portkey-config\r\n',
      '2\r\n{}\r\n0\r\nx-portkey-config: {}\r\n\r\n',
    ],
  ])('%s do not reach the provider, and the stored key stands', async (_how, head, body) => {
    bench.upstream.answer((_request, response) => json(response, 200, {}))
    const method = body === '' ? 'GET' : 'POST'
    const response = await send(
      `${method} ${PROXY}/v1/models HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${bench.token}\r\n${head}\r\n${body}`,
    )
    // What Node can't read as a request is refused; everything else goes out once.
    expect(response).toMatch(/^HTTP\/1\.1 (200|400)/)
    expect(bench.upstream.requests.length).toBe(response.startsWith('HTTP/1.1 200') ? 1 : 0)
    for (const { headers, rawHeaders } of bench.upstream.requests) {
      expect(headers.authorization).toBe(`Bearer ${KEY}`)
      expect(
        rawHeaders
          .filter((_, at) => at % 2 === 0)
          .join()
          .toLowerCase(),
      ).not.toContain('portkey')
    }
  })

  test('that the official SDKs send reach the provider, but for those about the connection and the credential', async () => {
    const direct = bench.upstream.url
    const proxied = bench.server.url + PROXY
    const names = async (call: (baseURL: string) => PromiseLike<unknown>, url: string) => {
      bench.upstream.answer((_request, response) => json(response, 200, { ok: true }))
      await call(url)
      const all = Object.keys(bench.upstream.last().headers)
      return all.filter((name) => !/^(sec-fetch-mode|x-api-key|authorization)$/.test(name)).toSorted()
    }
    const messages = [{ role: 'user' as const, content: 'a' }]
    const extra = { headers: { 'X-Title': 't', 'HTTP-Referer': 'https://a.example', 'Idempotency-Key': 'i' } }
    const openai = (baseURL: string) =>
      new OpenAI({
        apiKey: bench.token,
        organization: 'o',
        project: 'p',
        baseURL: `${baseURL}/v1`,
        maxRetries: 0,
      }).chat.completions.create({ model: 'm', messages }, extra)
    const anthropic = (baseURL: string) =>
      new Anthropic({ apiKey: bench.token, baseURL, maxRetries: 0 }).beta.messages.create(
        { model: 'm', max_tokens: 1, messages, betas: ['b'] },
        extra,
      )
    for (const call of [openai, anthropic]) {
      const sent = await names(call, direct)
      expect(sent.filter((name) => name.startsWith('x-stainless-')).length).toBeGreaterThan(5)
      expect(await names(call, proxied)).toEqual(sent)
    }
  })

  test('that are dropped are logged by name, once for each connection, without their values', async () => {
    const headers = ['X-Gateway-Team', 'a-private-value', 'x-portkey-config', 'a-private-value']
    await bench.get(`${PROXY}/v1/models`, headers)
    await bench.get(`${PROXY}/v1/models`, headers)
    const lines = bench.server.logs
      .map((line) => JSON.parse(line))
      .filter(({ headers }) => headers?.includes('x-gateway-team'))
    expect(lines).toMatchObject([
      { level: 30, connection: 'openai', headers: expect.arrayContaining(['x-gateway-team']) },
    ])
    expect(bench.server.logs.join('')).not.toContain('a-private-value')
    const proxied = bench.server.logs.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'proxied')
    expect(proxied.at(-1).droppedHeaders).toEqual(['x-gateway-team', 'x-portkey-config'])
  })
})

describe('response headers', () => {
  test('of CORS, and those that contain a stored credential, do not reach the caller', async () => {
    const forms = [
      KEY,
      `Bearer ${KEY}`,
      encodeURIComponent(KEY),
      Buffer.from(`u:${KEY}`).toString('base64'),
      KEY.toUpperCase(),
    ]
    bench.upstream.answer((_request, response) => {
      const echoes = forms.flatMap((form, index) => [`x-echo-${index}`, form])
      response
        .writeHead(401, [
          'Access-Control-Allow-Origin',
          '*',
          'access-control-expose-headers',
          'x',
          'x-request-id',
          KEY,
          'X-Kept',
          'k',
          ...echoes,
        ])
        .end('{}')
    })
    const { rawHeaders } = await bench.get(`${PROXY}/v1/models`)
    expect(
      rawHeaders
        .filter((_, at) => at % 2 === 0)
        .join()
        .toLowerCase(),
    ).not.toMatch(/access-control|x-echo|x-request-id/)
    expect(rawHeaders).toContain('X-Kept')
    const dropped = bench.server.logs.filter((line) => line.includes('contain a stored credential'))
    expect(dropped.length).toBe(forms.length + 1)
    expect(dropped.join('')).not.toContain(KEY)
  })
})

describe('headers that a connection allows', () => {
  const save = (body: object) =>
    bench.server.call('POST', '/api/v1/ai-providers', {
      key: ADMIN_KEY,
      body: { provider: 'openai-compatible', slug: 'gw', baseUrl: bench.upstream.url, saveAnyway: true, ...body },
    })
  const change = (body: object) => bench.server.call('PATCH', '/api/v1/ai-providers/gw', { key: ADMIN_KEY, body })
  const stored = { Authorization: `Bearer ${KEY}`, x_portkey_provider: 'openai', 'X-Team': 'stored' }

  test('reach the provider by exact name, through this connection only', async () => {
    const saved = await save({
      headers: stored,
      allowedHeaders: ['Helicone-User-Id', 'x-litellm-timeout', 'helicone-user-id'],
    })
    expect(saved.json.allowedHeaders).toEqual(['helicone-user-id', 'x-litellm-timeout'])
    const sent = [
      'Helicone-User-Id',
      'u',
      'X-LiteLLM-Timeout',
      '5',
      'Helicone-User-Ids',
      'x',
      'helicone_user_id',
      'x',
      'x-team',
      'mine',
    ]
    await bench.get('/api/v1/ai-providers/proxy/gw/v1/x', sent)
    expect(arrived()).toEqual({
      'helicone-user-id': 'u',
      'x-litellm-timeout': '5',
      'x-team': 'stored',
      x_portkey_provider: 'openai',
    })
    await bench.get(`${PROXY}/v1/x`, sent)
    expect(arrived()).toEqual({})
  })

  test('stay when something else is changed, are listed, and leave audit rows', async () => {
    await change({ label: 'Gateway' })
    const { json: list } = await bench.server.call('GET', '/api/v1/ai-providers', { key: ADMIN_KEY })
    const listed = list.data.find(({ slug }: { slug: string }) => slug === 'gw')
    expect(listed.allowedHeaders).toEqual(['helicone-user-id', 'x-litellm-timeout'])
    expect((await change({ allowedHeaders: [] })).json.allowedHeaders).toEqual([])
    const { json: audit } = await bench.server.call('GET', '/api/v1/audit?limit=1', { key: ADMIN_KEY })
    expect(audit.data[0]).toMatchObject({
      action: 'connection.update',
      before: { allowedHeaders: ['helicone-user-id', 'x-litellm-timeout'] },
      after: { allowedHeaders: [] },
    })
    await bench.get('/api/v1/ai-providers/proxy/gw/v1/x', ['Helicone-User-Id', 'u'])
    expect(arrived()).not.toHaveProperty('helicone-user-id')
  })

  test.each([...ROUTING, 'authorization', 'x-team', 'x-portkey-provider', 'host', 'te', 'content-length', 'x-real-ip'])(
    'never include %s',
    async (name) => {
      const { status, json: body } = await change({ allowedHeaders: ['x-fine', name] })
      expect([status, body.error.param]).toEqual([400, 'allowedHeaders.1'])
      expect(body.error.message).toContain(`"${name}"`)
    },
  )

  test.each([
    ['a name with an underscore', 'x_fine'],
    ['a pattern', 'x-*'],
    ['nothing', ''],
    ['a line break', 'x-a\r\nb'],
  ])('are refused when they are not a name: %s', async (_what, name) => {
    const { status, json: body } = await change({ allowedHeaders: [name] })
    expect([status, body.error.param]).toEqual([400, 'allowedHeaders.0'])
  })

  test('cannot be stored as well', async () => {
    expect((await change({ allowedHeaders: ['x-extra'] })).status).toBe(200)
    const { status, json: body } = await change({ headers: { 'X-Extra': 'v' } })
    expect([status, body.error.param]).toEqual([400, 'allowedHeaders.0'])
  })
})

describe('headers that a registry entry adds', () => {
  const [openai] = AiProviders.filter(({ value }) => value === 'openai')
  let server: TestServer
  let upstream: Upstream
  beforeAll(async () => {
    if (!openai) throw new Error('OpenAI is not in the registry.')
    upstream = await startUpstream()
    server = await startServer({
      providers: [
        { ...openai, value: 'plain' },
        { ...openai, value: 'more', requestHeaders: ['more-trace'] },
      ],
    })
    for (const provider of ['plain', 'more'])
      await server.connections.save({ provider, baseUrl: upstream.url, apiKey: KEY })
  })
  afterAll(async () => {
    await server.stop()
    await upstream.close()
  })

  test('reach that provider, and an entry without any gets the usual ones', async () => {
    const token = await server.token()
    const headers = {
      authorization: `Bearer ${token}`,
      'more-trace': '1',
      'openai-beta': 'b',
      'x-portkey-config': '{}',
    }
    for (const [provider, expected] of [
      ['plain', undefined],
      ['more', '1'],
    ] as const) {
      await fetch(`${server.url}/api/v1/ai-providers/proxy/${provider}/v1/models`, { headers })
      const { headers: got } = upstream.last()
      expect([got['more-trace'], got['openai-beta'], got['x-portkey-config']]).toEqual([expected, 'b', undefined])
    }
  })

  test.each(['x-portkey-custom-host', 'X-Upper', 'x-api-key'])(
    'are refused at the start when they route: %s',
    async (name) => {
      if (!openai) throw new Error('OpenAI is not in the registry.')
      const providers = [{ ...openai, requestHeaders: [name] }]
      await expect(startServer({ providers })).rejects.toThrow(`"${name}"`)
    },
  )
})

/** Sends bytes as they are, and resolves when something came back or the connection ended. */
function send(bytes: string): Promise<string> {
  const { hostname, port } = new URL(bench.server.url)
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes, 'latin1'))
    const end = (data?: Buffer) => {
      socket.destroy()
      resolve(data?.toString('latin1') ?? '')
    }
    socket.once('data', end)
    socket.once('error', () => end())
    socket.once('close', () => end())
  })
}
