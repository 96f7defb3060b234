import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { usagePage } from '@activepieces/contract'
import { openRequest } from '@activepieces/test-support/raw'
import { ADMIN_KEY, startServer, type TestServer } from '@activepieces/test-support/server'
import { startUpstream, type Upstream } from '@activepieces/test-support/upstream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMPRESSED_BYTES, captureOf, createCapture, HEAD_BYTES, TAIL_BYTES } from '../src/proxy/metering/capture.ts'
import type { Reading, UnreadCall } from '../src/proxy/metering/read-call.ts'
import { createReader } from '../src/proxy/metering/reader.ts'

const USAGE = '{"model":"gpt-4o","usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10}}'
const brotli = (body: Uint8Array) =>
  brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 24 } })

describe('the capture of a body', () => {
  test.each([1, 7, 1_000, HEAD_BYTES, 100_000])('keeps its beginning and its end, in pieces of %i bytes', (size) => {
    const body = Buffer.from(Array.from({ length: 200_001 }, (_, at) => at % 251))
    for (const length of [
      0,
      1,
      HEAD_BYTES,
      HEAD_BYTES + 1,
      HEAD_BYTES + TAIL_BYTES,
      HEAD_BYTES + TAIL_BYTES + 1,
      200_001,
    ]) {
      const capture = createCapture()
      for (let at = 0; at < length; at += size) capture.push(body.subarray(at, Math.min(length, at + size)))
      const { head, tail, isWhole } = capture.read()
      const kept = Math.min(TAIL_BYTES, Math.max(0, length - HEAD_BYTES))
      expect(Buffer.from(head).equals(body.subarray(0, Math.min(length, HEAD_BYTES)))).toBe(true)
      expect(Buffer.from(tail).equals(body.subarray(length - kept, length))).toBe(true)
      expect(isWhole).toBe(length <= HEAD_BYTES + TAIL_BYTES)
    }
  })

  test('takes at most 256 KB of memory, plain or compressed, whatever the pieces', () => {
    for (const capture of [createCapture(), createCapture(COMPRESSED_BYTES, 0)]) {
      for (let at = 0; at < 300_000; at++) capture.push(Buffer.of(at))
      const { head, tail } = capture.read()
      expect(head.buffer.byteLength + tail.buffer.byteLength).toBeLessThanOrEqual(256 * 1024)
    }
  })
})

const call = (body: Uint8Array, encoding = 'identity', type = 'application/json'): UnreadCall => ({
  provider: 'openai',
  facts: { operation: 'chat', model: 'gpt-4o' },
  basis: {
    pricing: { provider: 'openai', free: false, unpriced: { type: 'refuse' } },
    models: ['gpt-4o'],
    request: { promptTokens: 100, completionTokens: 50, minCompletionTokens: 50 },
    free: undefined,
  },
  outcome: { status: 200, end: 'completed', code: undefined, message: undefined, bytes: body.length, total: 1 },
  headers: ['Content-Type', type, 'Content-Encoding', encoding],
  capture: encoding === 'identity' ? captureOf(body) : { head: body, tail: Buffer.of(), isWhole: true },
})

/** A reader of its own; the readings come in the order of the calls. */
async function readAll(calls: readonly UnreadCall[], timeoutMs?: number) {
  const errors: unknown[] = []
  const reader = createReader({ onError: (error) => errors.push(error), ...(timeoutMs && { timeoutMs }) })
  const readings: (Reading | undefined)[] = calls.map(() => undefined)
  for (const [at, one] of calls.entries()) reader.read(one, (reading) => (readings[at] = reading))
  await reader.close()
  return { readings, errors }
}

describe('the reader', () => {
  const EXACT = { responseModel: 'gpt-4o', uncachedTokens: 7, outputTokens: 3, costSource: 'table', estimated: false }
  const UNREAD = { responseModel: null, uncachedTokens: 100, costSource: 'table', estimated: true, failure: undefined }
  const body = Buffer.from(USAGE)
  const lines = Buffer.from('data:"usage":{\n'.repeat(500_000))

  test('reads every encoding, also chained, and estimates the usage of a broken or unknown one', async () => {
    const encoded: [string, Buffer, object][] = [
      ['gzip', gzipSync(body), EXACT],
      ['deflate', deflateSync(body), EXACT],
      ['br', brotli(body), EXACT],
      ['zstd', zstdCompressSync(body), EXACT],
      ['gzip, BR', brotli(gzipSync(body)), EXACT],
      ['identity, zstd , gzip,deflate', deflateSync(gzipSync(zstdCompressSync(body))), EXACT],
      ['gzip', gzipSync(body).subarray(0, 30), UNREAD],
      ['gzip', body, UNREAD],
      ['snappy', body, UNREAD],
      ['gzip,gzip,gzip,gzip', gzipSync(gzipSync(gzipSync(gzipSync(body)))), UNREAD],
    ]
    const { readings, errors } = await readAll(encoded.map(([encoding, bytes]) => call(bytes, encoding)))
    expect(readings).toMatchObject(encoded.map(([, , expected]) => expected))
    expect(errors).toEqual([])
  })

  test('finds the usage at the end of what unpacks to more than is kept', async () => {
    const stream = `${'data: {"choices":[]}\n\n'.repeat(20_000)}data: ${USAGE}\n\n`
    expect((await readAll([call(gzipSync(stream), 'gzip', 'text/event-stream')])).readings).toMatchObject([EXACT])
  })

  test('finishes decompression bombs within the time limit of a call', async () => {
    const bombs = [
      call(brotli(lines), 'br', 'text/event-stream'),
      call(gzipSync(lines), 'gzip', 'text/event-stream'),
      call(gzipSync(gzipSync(Buffer.alloc(20_000_000))), 'gzip, gzip'),
      call(zstdCompressSync(Buffer.alloc(20_000_000)), 'zstd'),
      call(deflateSync(Buffer.from('['.repeat(8_000_000))), 'deflate'),
      call(Buffer.from('['.repeat(72_000))),
      call(Buffer.from(`x${'"usage":{{}'.repeat(6_000)}`), 'identity', 'application/vnd.amazon.eventstream'),
    ]
    const { readings, errors } = await readAll([...bombs, call(body)])
    expect(readings).toMatchObject([...bombs.map(() => UNREAD), EXACT])
    expect(errors).toEqual([])
  })

  test('gives up only calls that take too long', async () => {
    // At the limit of what is unpacked three times over: no machine does that within a millisecond.
    const slow = () => call(gzipSync(gzipSync(Buffer.alloc(7_000_000, USAGE))), 'gzip, gzip')
    const slowCalls = Array.from({ length: 4 }, slow)
    const { readings, errors } = await readAll([call(body), ...slowCalls, call(body)], 1)
    expect(readings).toHaveLength(6)
    // A call that has ended before this thread looks is read. The thread that gives one up has no price table here.
    const givenUp = readings.filter((reading) => reading?.responseModel === null)
    expect(givenUp.length).toBeGreaterThan(0)
    for (const reading of givenUp) expect(reading).toMatchObject({ ...UNREAD, costSource: null })
    expect(errors).toHaveLength(givenUp.length)
    expect(errors.map(String).join()).toContain('within the time limit')
  })
})

describe('the server', () => {
  let upstream: Upstream
  let server: TestServer
  let auth: string[]

  beforeAll(async () => {
    upstream = await startUpstream()
    server = await startServer({ pieces: {} })
    auth = ['Authorization', `Bearer ${await server.token()}`]
    await server.connections.save({ provider: 'openai', baseUrl: upstream.url, apiKey: 'sk-0123456789' })
  })

  afterAll(async () => {
    await server.stop()
    await upstream.close()
  })

  /** CPU time of this thread while calls with this body come and are metered, in milliseconds. */
  async function busyWith(body: Buffer, encoding: string): Promise<number> {
    upstream.answer((_request, response: ServerResponse) => {
      const headers = {
        'content-type': 'text/event-stream',
        'content-encoding': encoding,
        'content-length': body.length,
      }
      response.writeHead(200, headers).end(body)
    })
    const before = await rows()
    const start = process.threadCpuUsage()
    for (let made = 0; made < 10; made++) {
      const path = '/api/v1/ai-providers/proxy/openai/v1/chat/completions'
      const response = await openRequest(server.url, { path, headers: auth })
      await once(response.resume(), 'end')
    }
    await expect.poll(rows, { timeout: 30_000, interval: 200 }).toBe(before + 10)
    const { user, system } = process.threadCpuUsage(start)
    return (user + system) / 1_000
  }

  const rows = async () =>
    usagePage.parse((await server.call('GET', '/api/v1/usage?limit=1000', { key: ADMIN_KEY })).json).data.length

  test('is not held up by a body that unpacks to thousands of times its size', async () => {
    const bomb = brotli(Buffer.from('data:"usage":{\n'.repeat(500_000)))
    expect(bomb.length).toBeLessThan(1_000)
    await busyWith(Buffer.alloc(bomb.length, 'x'), 'identity')
    const plain = await busyWith(Buffer.alloc(bomb.length, 'x'), 'identity')
    // Read on this thread, ten bombs take seconds more; the margin is for polling and garbage collection.
    expect(await busyWith(bomb, 'br')).toBeLessThan(2 * plain + 200)
  })
})
