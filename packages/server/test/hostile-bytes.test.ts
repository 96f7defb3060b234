import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { OWN_ERROR_HEADER } from '@activepieces/contract'
import { type FuzzCase, startFuzzVendor } from '@activepieces/test-support/fuzz-vendor'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import fc from 'fast-check'
import { Pool } from 'undici'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 300_000 })

/** `FUZZ_SEED=<number>` tries other cases, `FUZZ_CASES=<number>` more or fewer of them. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_128)
const CASES = Number(process.env['FUZZ_CASES'] ?? 10_000)
const AT_ONCE = 100

/** No call takes this long, in milliseconds, unless it hangs. The server's own limits are longer. */
const HANGS = 30_000

let vendor: Awaited<ReturnType<typeof startFuzzVendor>>
let server: TestServer
let client: Pool
let headers: Record<string, string>
let calls = 0
const cases = new Map<number, FuzzCase>()

beforeAll(async () => {
  vendor = await startFuzzVendor((number) => cases.get(number) ?? { pieces: [], close: true })
  server = await startServer({ pieces: {}, logLevel: 'warn' })
  await server.connections.save({ provider: 'openai', slug: 'hostile', baseUrl: vendor.url, apiKey: 'sk-0123456789' })
  client = new Pool(server.url, { connections: AT_ONCE, headersTimeout: HANGS, bodyTimeout: HANGS })
  headers = { authorization: `Bearer ${await server.token()}` }
})

afterAll(async () => {
  await client.destroy()
  await server.stop()
  await vendor.close()
})

type Outcome = { status: number; code: string | undefined; body: Buffer; end: 'whole' | 'closed' }

async function call(fuzzCase: FuzzCase): Promise<Outcome> {
  const number = calls++
  cases.set(number, fuzzCase)
  const path = `/api/v1/ai-providers/proxy/hostile/${number}/v1/chat/completions`
  const response = await client.request({ method: 'GET', path, headers })
  const { statusCode: status, body } = response
  const code = response.headers[OWN_ERROR_HEADER]?.toString()
  const chunks: Buffer[] = []
  let end: Outcome['end'] = 'whole'
  try {
    for await (const chunk of body) chunks.push(chunk)
  } catch {
    end = 'closed'
  }
  cases.delete(number)
  return { status, code, body: Buffer.concat(chunks), end }
}

// ---- one case, as it is generated

const USAGE = '"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}'
const BODIES = [
  `{"model":"gpt-4o","choices":[],${USAGE}}`,
  `data: {"model":"gpt-4o"}\n\ndata: {${USAGE}}\n\ndata: [DONE]\n\n`,
  `data: ${USAGE}{\n`.repeat(60),
  'event: error\ndata: {"type":"error","error":{"message":"no"}}\n\n',
  `{"error":{"message":"${'"'.repeat(20)}"`,
  '['.repeat(3_000),
]

const noLineEnd = (bytes: Uint8Array) => Buffer.from(bytes).map((byte) => (byte === 10 || byte === 13 ? 32 : byte))
const text = (maxLength: number) => fc.uint8Array({ maxLength }).map(noLineEnd)
const printable = fc.string({ maxLength: 20, unit: 'binary-ascii' }).map((value) => noLineEnd(Buffer.from(value)))

const response = fc.record({
  version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
  status: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(200, 200, 400, 429, 503) },
    fc.integer({ min: 0, max: 999 }),
  ),
  reason: fc.oneof(text(20), printable),
  interim: fc.constantFrom(0, 0, 0, 1, 2, 50),
  type: fc.oneof(fc.constantFrom('application/json', 'text/event-stream', 'audio/mpeg', ''), text(20)),
  names: fc.array(
    fc.oneof(
      fc.stringMatching(/^x-[!#$%&'*+.^_`|~0-9A-Za-z-]{1,10}$/).map((n) => Buffer.from(n)),
      text(6),
    ),
    { maxLength: 3 },
  ),
  value: text(30),
  body: fc.oneof(
    fc.constantFrom(...BODIES).map((body) => Buffer.from(body)),
    fc.uint8Array({ maxLength: 300 }),
  ),
  encodings: fc.array(fc.constantFrom('gzip', 'br', 'deflate', 'zstd'), { maxLength: 2 }),
  spoil: fc.constantFrom('no', 'no', 'no', 'byte', 'plain', 'half'),
  framing: fc.constantFrom(
    'length',
    'chunked',
    'close',
    'length',
    'chunked',
    'close',
    'too long',
    'too short',
    'no last chunk',
    'coded',
    'half a head',
  ),
  splits: fc.array(fc.nat(), { maxLength: 4 }),
})

type Response = typeof response extends fc.Arbitrary<infer Of> ? Of : never

const ENCODE: Record<string, (body: Uint8Array) => Buffer> = {
  gzip: (body) => gzipSync(body, { level: 1 }),
  deflate: (body) => deflateSync(body, { level: 1 }),
  br: (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  zstd: (body) => zstdCompressSync(body),
}

function encode({ body, encodings, spoil }: Response): Uint8Array {
  if (spoil === 'plain') return body
  const encoded = encodings.reduce<Uint8Array>((all, name) => ENCODE[name]?.(all) ?? all, body)
  if (spoil === 'half') return encoded.subarray(0, encoded.length >> 1)
  return spoil === 'byte' ? encoded.map((byte, at) => (at === encoded.length >> 1 ? byte ^ 0x55 : byte)) : encoded
}

const BROKEN = ['too long', 'no last chunk', 'half a head']

function render(of: Response, body: Uint8Array): FuzzCase {
  const line = (...parts: (string | Uint8Array)[]) =>
    Buffer.concat([...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)), CRLF])
  const chunked = ['chunked', 'no last chunk', 'coded'].includes(of.framing)
  const length = body.length + (of.framing === 'too long' ? 5 : of.framing === 'too short' ? -(body.length >> 1) : 0)
  const head = Buffer.concat([
    ...Array.from({ length: of.interim }, () => line('HTTP/1.1 103 Early Hints\r\n')),
    line(`HTTP/${of.version} ${String(of.status).padStart(3, '0')} `, of.reason),
    line('content-type: ', of.type),
    ...(of.encodings.length > 0 ? [line(`content-encoding: ${of.encodings.join(', ')}`)] : []),
    ...of.names.map((name) => line(name, ': ', of.value)),
    ...(chunked ? [line(`transfer-encoding: ${of.framing === 'coded' ? 'gzip, chunked' : 'chunked'}`)] : []),
    ...(chunked || of.framing === 'close' ? [] : [line(`content-length: ${length}`)]),
    CRLF,
  ])
  const chunk = body.length === 0 ? Buffer.of() : line(`${body.length.toString(16)}\r\n`, body)
  const last = of.framing === 'no last chunk' ? Buffer.of() : Buffer.from('0\r\n\r\n')
  const whole = Buffer.concat([head, ...(chunked ? [chunk, last] : [body])])
  const bytes = of.framing === 'half a head' ? whole.subarray(0, head.length >> 1) : whole
  const close = of.version === '1.0' || of.framing === 'close' || of.status < 200 || BROKEN.includes(of.framing)
  return { pieces: split(bytes, of.splits), close }
}

const CRLF = Buffer.from('\r\n')

function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((to, index) => bytes.subarray(places[index], to))
}

/** Whether nothing is wrong with the response as HTTP, whatever its body says. */
function isSound(of: Response): boolean {
  const plain = (bytes: string | Uint8Array) =>
    Buffer.from(bytes).every((byte) => byte === 9 || (byte > 31 && byte !== 127))
  const token = (name: Uint8Array) => /^x-[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(Buffer.from(name).toString('latin1'))
  const status = of.status >= 200 && of.status < 600 && (of.status < 300 || of.status >= 400 || of.status === 304)
  const framing = ['length', 'close'].includes(of.framing) || (of.framing === 'chunked' && of.version === '1.1')
  return status && framing && of.interim < 32 && [of.reason, of.type, of.value].every(plain) && of.names.every(token)
}

/** A call ends with an error of ours, or whole, or within the body where the vendor broke off, and then it is closed. */
async function check(of: Response): Promise<void> {
  const sent = encode(of)
  const { status, code, body, end } = await call(render(of, sent))
  if (code !== undefined) {
    expect(isSound(of), code).toBe(false)
    expect(end).toBe('whole')
    expect(JSON.parse(body.toString()).error.code).toBe(code)
    return
  }
  expect(status).toBe(of.status)
  const expected = [204, 304].includes(status) ? Buffer.of() : Buffer.from(sent)
  const kept = of.framing === 'too short' ? expected.subarray(0, expected.length - (expected.length >> 1)) : expected
  if (end === 'closed') {
    expect(isSound(of)).toBe(false)
    expect(kept.subarray(0, body.length).equals(body)).toBe(true)
  } else {
    expect(body.equals(kept)).toBe(true)
  }
}

// ---- tests

test('every byte in a reason phrase, a header value and a header name ends the call whole or with an error of ours', async () => {
  const ok = Buffer.from('content-length: 2\r\n\r\n{}')
  const places: ((byte: Buffer) => Buffer)[] = [
    (byte) => Buffer.concat([Buffer.from('HTTP/1.1 200 a'), byte, Buffer.from('b\r\n'), ok]),
    (byte) => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nx-a: a'), byte, Buffer.from('b\r\n'), ok]),
    (byte) => Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nx-a'), byte, Buffer.from('b: c\r\n'), ok]),
  ]
  for (const place of places) {
    const outcomes = await Promise.all(
      Array.from({ length: 256 }, (_, byte) => call({ pieces: [place(Buffer.of(byte))], close: false })),
    )
    for (const { code, body, end } of outcomes) {
      expect(end).toBe('whole')
      expect(code === undefined ? body.toString() : JSON.parse(body.toString()).error.code).toBe(code ?? '{}')
    }
    expect(outcomes.filter(({ code }) => code === undefined).length).toBeGreaterThan(70)
  }
})

test('a random response ends complete, with an error of ours, or closed, and is metered', async () => {
  console.log(`${CASES} responses of a hostile vendor, FUZZ_SEED=${SEED}`)
  const all = fc.sample(response, { seed: SEED, numRuns: CASES })
  const failed: string[] = []
  const next = all.values()
  const lane = async () => {
    for (const one of next) await check(one).catch((error) => failed.push(`${error}\n${fc.stringify(one)}`))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  expect(failed.slice(0, 3), `${failed.length} cases failed`).toEqual([])
  const summary = () => server.call('GET', '/api/v1/usage/summary', { key: ADMIN_KEY })
  await expect.poll(async () => (await summary()).json.total.calls, { timeout: 60_000 }).toBe(calls)
  expect(server.logs.filter((line) => line.includes('usage'))).toEqual([])
})
