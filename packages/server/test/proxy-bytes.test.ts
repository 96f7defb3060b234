import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { KEY, PROXY, proxyBench, testSecretsStayOut } from '@activepieces/test-support/proxy-bench'
import { openRequest, rawRequest } from '@activepieces/test-support/raw'
import { json } from '@activepieces/test-support/upstream'
import { describe, expect, test } from 'vitest'

const bench = proxyBench()

describe('P3: status, headers and body of the vendor pass', () => {
  test.each([400, 401, 403, 404, 409, 422, 429, 500, 503, 529])('a %i with its body', async (status) => {
    const body = { error: { message: 'vendor says no', type: 'x', code: 'y', param: null } }
    bench.upstream.answer((_request, response) => json(response, status, body, { 'retry-after': '7' }))
    const reply = await bench.get(`${PROXY}/v1/models`)
    expect(reply.status).toBe(status)
    expect(JSON.parse(reply.body.toString())).toEqual(body)
    expect(reply.headers['retry-after']).toBe('7')
    expect(reply.headers['x-ai-proxy-error']).toBeUndefined()
  })
})

describe('P5, P09: bytes stream through both ways, untouched', () => {
  test('a compressed and a binary reply keep their bytes', async () => {
    const body = gzipSync(randomBytes(5_000))
    bench.upstream.answer((_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body))
    const reply = await bench.get(`${PROXY}/v1/audio`, ['Accept-Encoding', 'gzip'])
    expect(reply.body.equals(body)).toBe(true)
    expect(reply.headers['content-encoding']).toBe('gzip')
    expect(bench.upstream.last().headers['accept-encoding']).toBe('gzip')
  })

  test.each([1_000, 3_000_000])('a multipart body of %i bytes arrives byte for byte', async (size) => {
    const body = Buffer.concat([
      Buffer.from('--x\r\ncontent-disposition: form-data; name="f"\r\n\r\n'),
      randomBytes(size),
    ])
    const type = ['Content-Type', 'multipart/form-data; boundary=x']
    const reply = await rawRequest(bench.server.url, {
      method: 'POST',
      path: `${PROXY}/v1/files`,
      headers: [...bench.auth, ...type],
      body,
    })
    expect(reply.status).toBe(200)
    expect(bench.upstream.last().body.equals(body)).toBe(true)
    expect(bench.upstream.last().headers['content-type']).toBe('multipart/form-data; boundary=x')
    expect(bench.upstream.last().headers['content-length']).toBe(String(body.length))
  })

  test('a body that is not valid JSON, and one without a type, are not looked at', async () => {
    const headers = [...bench.auth, 'Content-Type', 'application/json']
    await rawRequest(bench.server.url, { method: 'POST', path: `${PROXY}/v1/x`, headers, body: '{"broken' })
    expect(bench.upstream.last().body.toString()).toBe('{"broken')
    await rawRequest(bench.server.url, { method: 'PUT', path: `${PROXY}/v1/x`, headers: bench.auth, body: 'plain' })
    expect([bench.upstream.last().method, bench.upstream.last().body.toString()]).toEqual(['PUT', 'plain'])
  })

  test('HEAD and an empty DELETE pass', async () => {
    bench.upstream.answer((_request, response) => response.writeHead(200, { 'content-length': '42' }).end())
    const head = await rawRequest(bench.server.url, { method: 'HEAD', path: `${PROXY}/v1/x`, headers: bench.auth })
    expect([head.status, head.headers['content-length']]).toEqual([200, '42'])
    bench.upstream.answer((_request, response) => response.writeHead(204).end())
    expect(
      (await rawRequest(bench.server.url, { method: 'DELETE', path: `${PROXY}/v1/x`, headers: bench.auth })).status,
    ).toBe(204)
  })

  test('P10: 20 MB to a slow reader: memory does not grow with the body, and every byte comes', async () => {
    const chunk = randomBytes(1024 * 1024)
    const chunks = 24
    let sent = 0
    bench.upstream.answer(async (_request, response) => {
      response.writeHead(200)
      for (; sent < chunks; sent++) if (!response.write(chunk)) await once(response, 'drain')
      response.end()
    })
    const response = await openRequest(bench.server.url, { path: `${PROXY}/v1/files/big/content`, headers: bench.auth })
    await sleep(500)
    expect(sent).toBeLessThan(chunks - 4)
    const hash = createHash('sha256')
    for await (const piece of response) hash.update(piece)
    const expected = createHash('sha256')
    for (let i = 0; i < chunks; i++) expected.update(chunk)
    expect(hash.digest('hex')).toBe(expected.digest('hex'))
  })

  test('P09: the first byte of an upload is at the vendor before its last has left', async () => {
    const path = bench.server.url + PROXY
    const headers = { authorization: `Bearer ${bench.token}`, 'content-length': 200_000 }
    const vendor = createServer((request, response) => {
      request.once('data', () => caller.end(randomBytes(100_000)))
      request.resume().on('end', () => response.end('thanks'))
    }).listen(0, '127.0.0.1')
    await once(vendor, 'listening')
    const address = vendor.address()
    const port = typeof address === 'object' ? address?.port : 0
    const baseUrl = `http://127.0.0.1:${port}`
    await bench.server.connections.save({ provider: 'openai', slug: 'upload', baseUrl, apiKey: KEY })
    const caller = httpRequest(`${path.replace(/openai$/, 'upload')}/v1/files`, { method: 'POST', headers })
    caller.write(randomBytes(100_000))
    // SAFETY: that is what the event carries.
    const [response] = (await once(caller, 'response')) as [IncomingMessage]
    expect(Buffer.concat(await response.toArray()).toString()).toBe('thanks')
    vendor.closeAllConnections()
    vendor.close()
  })

  test('a large upload waits for a slow vendor and arrives whole', async () => {
    const body = randomBytes(8 * 1024 * 1024)
    const reply = await rawRequest(bench.server.url, {
      method: 'POST',
      path: `${PROXY}/v1/files`,
      headers: bench.auth,
      body,
    })
    expect(reply.status).toBe(200)
    expect(bench.upstream.last().body.equals(body)).toBe(true)
  })
})

describe('P7, P09: streams', () => {
  test('P09: the head comes before the first byte, and bytes as they come, split within a character', async () => {
    const [first, second] = [Buffer.from('data: gr\u00fc'), Buffer.from('n\n\n')]
    let go: (() => void) | undefined
    bench.upstream.answer(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
      await new Promise<void>((resolve) => (go = resolve))
      response.write(first.subarray(0, -1))
      await sleep(30)
      response.end(Buffer.concat([first.subarray(-1), second]))
    })
    const response = await openRequest(bench.server.url, { path: `${PROXY}/v1/chat`, headers: bench.auth })
    expect(response.statusCode).toBe(200)
    go?.()
    const pieces: Buffer[] = []
    for await (const piece of response) pieces.push(piece)
    expect(pieces.length).toBe(2)
    expect(Buffer.concat(pieces).toString()).toBe('data: gr\u00fcn\n\n')
  })

  test('closes the call to the vendor when the caller disconnects, before any timeout', async () => {
    let closed: Promise<unknown> | undefined
    bench.upstream.answer((_request, response) => {
      response.writeHead(200).write('x')
      closed = once(response, 'close')
    })
    const { logs } = bench.server
    const before = logs.length
    const response = await openRequest(bench.server.url, { path: `${PROXY}/v1/chat`, headers: bench.auth })
    await once(response, 'data')
    response.destroy()
    await (closed ?? Promise.reject(new Error('no call')))
    await expect.poll(() => logs.slice(before).join('')).toContain('"end":"client-aborted"')
  })

  test('a caller that leaves before the reply begins ends it too', async () => {
    const closed = Promise.withResolvers<boolean>()
    const asked = new Promise<void>((resolve) => {
      bench.upstream.answer((_request, response) => {
        response.on('close', () => closed.resolve(response.writableEnded))
        resolve()
      })
    })
    const request = httpRequest(`${bench.server.url}${PROXY}/v1/chat`, {
      headers: { authorization: `Bearer ${bench.token}` },
    })
    request.on('error', () => {}).end()
    await asked
    request.destroy()
    expect(await closed.promise).toBe(false)
  })

  test.each([1_000, 1_000_000])('a caller that leaves within its own body of %i bytes harms nobody', async (size) => {
    const headers = { authorization: `Bearer ${bench.token}`, 'content-length': size }
    const request = httpRequest(`${bench.server.url}${PROXY}/v1/files`, { method: 'POST', headers })
    request.on('error', () => {}).write(randomBytes(size / 2))
    await sleep(50)
    request.destroy()
    await sleep(50)
    expect(bench.upstream.requests).toEqual([])
    expect((await bench.get(`${PROXY}/v1/models`)).status).toBe(200)
  })

  test.each([{}, { 'content-length': '100' }])(
    'a vendor that breaks off is seen as broken off (%o)',
    async (headers) => {
      bench.upstream.answer(async (_request, response) => {
        response.writeHead(200, headers).write('half')
        await sleep(20)
        response.destroy()
      })
      const response = await openRequest(bench.server.url, { path: `${PROXY}/v1/chat`, headers: bench.auth })
      const pieces: Buffer[] = []
      const read = async () => {
        for await (const piece of response) pieces.push(piece)
      }
      await expect(read()).rejects.toThrow('aborted')
      expect(Buffer.concat(pieces).toString()).toBe('half')
    },
  )
})

testSecretsStayOut(bench)
