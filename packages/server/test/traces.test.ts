import { execFile } from 'node:child_process'
import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { DATABASE_FLAGS } from '@activepieces/test-support/node-settings'
import { dataFolder, startServer, type TestServer } from '@activepieces/test-support/server'
import { json, startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterEach, beforeEach, expect, test } from 'vitest'

const PATH = '/api/v1/ai-providers/proxy/openai/v1/chat/completions'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'

let vendor: Upstream
let collector: Upstream
let server: TestServer

beforeEach(async () => {
  vendor = await startUpstream()
  collector = await startUpstream()
  collector.answer((_request, response) => json(response, 200, {}))
  vendor.answer((_request, response) =>
    json(response, 200, {
      choices: [
        {
          message: { content: 'known-answer "finish_reason":"none"', tool_calls: [{ id: 'call_1' }] },
          finish_reason: 'stop',
        },
      ],
      id: 'chatcmpl-1',
      model: 'gpt-4o-2024-11-20',
      usage: { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17, prompt_tokens_details: { cached_tokens: 4 } },
    }),
  )
  server = await startServer({ otlpEndpoint: collector.url })
  await server.connections.save({ provider: 'openai', baseUrl: vendor.url, apiKey: 'sk-known-key-0123456789' })
})

afterEach(async () => {
  await server.stop()
  await vendor.close()
  await collector.close()
})

/** One call, its reply read to the end. */
async function call(headers: Record<string, string> = {}) {
  const token = await server.token()
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'known-prompt' }] })
  const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }
  const response = await fetch(server.url + PATH, { method: 'POST', headers: all, body })
  await response.text()
  return { response, token }
}

/** What the collector got, once the server is closed. */
async function spans() {
  await server.close()
  return collector.requests.flatMap(({ url, body }) => {
    expect(url).toBe('/v1/traces')
    return JSON.parse(body.toString()).resourceSpans.flatMap((of: Received) => of.scopeSpans.flatMap((s) => s.spans))
  }) as Span[] // SAFETY: spans of OTLP as JSON; the assertions look into them.
}

type Received = { scopeSpans: { spans: Span[] }[] }
type Value = { stringValue?: string; intValue?: number | string; arrayValue?: { values: Value[] } }
type Span = {
  traceId: string
  parentSpanId?: string
  name: string
  kind: number
  startTimeUnixNano: string
  endTimeUnixNano: string
  status: { code: number; message?: string }
  attributes: { key: string; value: Value }[]
}

function attributesOf(span: Span | undefined) {
  const plain = ({ stringValue, intValue, arrayValue }: Value): unknown =>
    arrayValue ? arrayValue.values.map(plain) : (stringValue ?? Number(intValue))
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, plain(value)]))
}

test('a call is one client span in the words of the GenAI conventions, without content', async () => {
  const { token } = await call({ 'x-request-id': 'known-request' })
  const [span, ...more] = await spans()
  expect(more).toEqual([])
  expect(span).toMatchObject({ name: 'chat gpt-4o', kind: 3, status: { code: 0 } })
  expect(BigInt(span?.endTimeUnixNano ?? 0)).toBeGreaterThan(BigInt(span?.startTimeUnixNano ?? 0))
  expect(attributesOf(span)).toEqual({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.response.id': 'chatcmpl-1',
    'gen_ai.response.model': 'gpt-4o-2024-11-20',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 12,
    'gen_ai.usage.cache_read.input_tokens': 4,
    'gen_ai.usage.output_tokens': 5,
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(vendor.url).port),
    'http.response.status_code': 200,
    'ai_proxy.connection': 'openai',
    'ai_proxy.project': 'local',
    'ai_proxy.request_id': 'known-request',
  })
  const sent = collector.requests.map(({ body }) => body.toString()).join()
  for (const secret of ['known-prompt', 'known-answer', 'sk-known', token]) expect(sent).not.toContain(secret)
})

test.each([
  [
    'chat completions',
    'text/event-stream',
    [
      { id: 'chatcmpl-2', choices: [{ delta: { content: 'Hi' }, finish_reason: null }] },
      { id: 'chatcmpl-2', choices: [{ delta: {}, finish_reason: 'length' }] },
    ],
    'chatcmpl-2',
    ['length'],
  ],
  [
    'messages',
    'text/event-stream',
    [
      { type: 'message_start', message: { id: 'msg_1', stop_reason: null } },
      { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
    ],
    'msg_1',
    ['end_turn'],
  ],
  [
    'responses',
    'text/event-stream',
    [
      { type: 'response.created', response: { id: 'resp_1' } },
      { type: 'response.incomplete', response: { id: 'resp_1', incomplete_details: { reason: 'max_output_tokens' } } },
    ],
    'resp_1',
    ['max_output_tokens'],
  ],
  ['Gemini', 'application/json', { candidates: [{ finishReason: 'STOP' }], responseId: 'r-1' }, 'r-1', ['STOP']],
  ['Converse', 'application/json', { output: {}, stopReason: 'tool_use' }, undefined, ['tool_use']],
])(
  '%s: the id of the reply and its finish reasons, in the words of the vendor',
  async (_wire, type, body, id, words) => {
    vendor.answer((_request, response) => {
      const events = Array.isArray(body) && body.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
      response.writeHead(200, { 'content-type': type }).end(events || JSON.stringify(body))
    })
    await call()
    const [span] = await spans()
    const attributes = attributesOf(span)
    expect([attributes['gen_ai.response.id'], attributes['gen_ai.response.finish_reasons']]).toEqual([id, words])
  },
)

test("a span continues the caller's trace; a caller that is not sampled leaves none", async () => {
  await call({ traceparent: `00-${TRACE}-${PARENT}-01` })
  await call({ traceparent: `00-${TRACE}-${PARENT}-00` })
  expect(await spans()).toMatchObject([{ traceId: TRACE, parentSpanId: PARENT }])
})

test('an error of the vendor is the code of the library, without the words of the vendor', async () => {
  vendor.answer((_request, response) => json(response, 429, { error: { message: 'known-words' } }))
  await call()
  const [span] = await spans()
  expect(span?.status).toEqual({ code: 2 })
  expect(attributesOf(span)).toMatchObject({ 'error.type': 'rate-limit', 'http.response.status_code': 429 })
  expect(collector.last().body.toString()).not.toContain('known-words')
})

test('a collector that refuses changes no call and no end of the server', async () => {
  collector.answer((_request, response) => response.destroy())
  expect((await call()).response.status).toBe(200)
  await server.close()
})

test('a collector that never answers is not waited for when the server ends', async () => {
  const held: ServerResponse[] = []
  collector.answer((_request, response) => held.push(response))
  expect((await call()).response.status).toBe(200)
  await server.close()
  // The exporter, whose own limit is ten seconds, still waits.
  expect(held.map(({ closed }) => closed)).toEqual([false])
})

test('OpenTelemetry is loaded with an endpoint, and not without', async () => {
  const folder = await dataFolder()
  const script = `
    import { registerHooks } from 'node:module'
    const packages = new Set()
    registerHooks({
      load(url, context, next) {
        packages.add(/.*\\/node_modules\\/(@opentelemetry\\/[^/]+)/.exec(url)?.[1])
        return next(url, context)
      },
    })
    const { createServer, loadConfig } = await import(process.argv[1])
    for (const otlpEndpoint of [undefined, 'http://127.0.0.1:9']) {
      const server = await createServer({ ...loadConfig(process.env), otlpEndpoint })
      console.log(JSON.stringify([...packages].filter(Boolean)))
      await server.close()
    }
  `
  const env = { AP_DATA_DIR: folder.path, AP_LOG_LEVEL: 'silent', DATABASE_URL: folder.databaseUrl }
  const args = [...DATABASE_FLAGS, '--input-type=module', '--eval', script, import.meta.resolve('../src/index.ts')]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  const [without = [], traced = []] = stdout
    .trim()
    .split('\n')
    .map((line): string[] => JSON.parse(line))
  // prom-client has the interfaces, which do nothing by themselves.
  expect(without.filter((name) => name !== '@opentelemetry/api')).toEqual([])
  expect(traced).toContain('@opentelemetry/sdk-trace')
  await folder.remove()
})
