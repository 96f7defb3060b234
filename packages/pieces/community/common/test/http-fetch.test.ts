import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AI } from '../src/index.ts'
import { httpFetch } from '../src/lib/ai/protocols/shared/http-fetch.ts'
import { ASK, chatCompletion, thrownBy } from './vendor.ts'

let answer: (response: ServerResponse, request: IncomingMessage) => void
let url = ''
const server = createServer((request, response) => answer(response, request))

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // SAFETY: a TCP server that listens has an address with a port.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.closeAllConnections())

/** Resolves when the connection of the request is closed. */
function closing(): Promise<unknown> {
  return new Promise((resolve) => server.once('request', (request) => request.socket.once('close', resolve)))
}

const post = (init: RequestInit = {}) => httpFetch(url, { method: 'POST', body: '{}', ...init })

describe('a request', () => {
  it('carries method, headers and text; the reply comes with all of its headers', async () => {
    answer = async (response, request) => {
      let text = ''
      for await (const piece of request) text += piece
      const { authorization, 'content-length': length } = request.headers
      response.writeHead(201, 'Made', [
        ['x-list', 'a'],
        ['x-list', 'b'],
      ])
      response.end(JSON.stringify({ method: request.method, path: request.url, authorization, length, text }))
    }
    const headers = new Headers({ authorization: 'Bearer t' })
    const response = await httpFetch(`${url}/a?b=c`, { method: 'PUT', headers, body: 'Grüße' })
    expect([response.status, response.statusText, response.headers.get('x-list')]).toEqual([201, 'Made', 'a, b'])
    expect(await response.json()).toEqual({
      method: 'PUT',
      path: '/a?b=c',
      authorization: 'Bearer t',
      length: '7',
      text: 'Grüße',
    })
  })

  it('goes over the connection of the one before', async () => {
    answer = (response, request) => response.end(String(request.socket.remotePort))
    const ports = [await (await post()).text(), await (await post()).text(), await (await post()).text()]
    expect(new Set(ports).size).toBe(1)
  })

  it("with a body that is not text uses the platform's fetch", async () => {
    answer = (response, request) => response.end(request.headers['content-type'])
    const body = new FormData()
    body.set('a', 'b')
    expect(await (await post({ body })).text()).toMatch(/^multipart\/form-data/)
    expect(await (await httpFetch(new Request(url, { headers: { 'content-type': 'a/b' } }))).text()).toBe('a/b')
  })

  it('is not sent on to another place', async () => {
    let requests = 0
    answer = (response) => {
      requests++
      response.writeHead(307, { location: `${url}/elsewhere` }).end()
    }
    const response = await post()
    expect([response.status, response.headers.get('location')]).toEqual([307, `${url}/elsewhere`])
    const ai = AI({ provider: 'openai', server: { apiUrl: url, token: 't' } })
    expect(await thrownBy(() => ai.chat.text(ASK))).toMatchObject({ code: 'not-found', status: 307, actor: 'admin' })
    expect(requests).toBe(2)
  })
})

describe('a body', () => {
  it('comes piece by piece', async () => {
    let more: (() => void) | undefined
    answer = (response) => {
      response.write('one')
      more = () => response.end('two')
    }
    const reader = (await post()).body?.getReader()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('one')
    more?.()
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('two')
    expect((await reader?.read())?.done).toBe(true)
  })

  it.each([
    ['br', brotliCompressSync],
    ['deflate', deflateSync],
    ['gzip', gzipSync],
  ])('that is compressed unasked (%s) is read', async (encoding, compress) => {
    answer = (response, request) => {
      expect(request.headers['accept-encoding']).toBe('identity')
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('Grüße'))
    }
    expect(await (await post()).text()).toBe('Grüße')
  })

  it('whose compression is broken or cut is an error', async () => {
    for (const bytes of [Buffer.from('no gzip'), gzipSync('x'.repeat(1000)).subarray(0, 12)]) {
      answer = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes)
      expect(await thrownBy(async () => (await post()).text())).toBeInstanceOf(Error)
    }
  })

  it('may be missing', async () => {
    answer = (response) => response.writeHead(204).end()
    const response = await post()
    expect([response.status, response.body, await response.text()]).toEqual([204, null, ''])
  })

  it('is not read faster than its reader takes it', async () => {
    let drained = false
    answer = (response) => {
      response.write(Buffer.alloc(20_000_000), () => {
        drained = true
      })
      response.end()
    }
    const response = await post()
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(drained).toBe(false)
    expect((await response.arrayBuffer()).byteLength).toBe(20_000_000)
  })

  it('that nobody wants any more closes the connection', async () => {
    answer = (response) => response.write('one')
    const closed = closing()
    const reader = (await post()).body?.getReader()
    await reader?.read()
    const waiting = reader?.read()
    await reader?.cancel()
    await closed
    expect((await waiting)?.done).toBe(true)
  })

  it('that is cut is an error, for a late reader too', async () => {
    answer = (response) => response.write('one', () => setTimeout(() => response.destroy(), 20))
    expect(await thrownBy(async () => (await post()).text())).toMatchObject({ code: 'ECONNRESET' })
    const response = await post()
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await thrownBy(() => response.text())).toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('an abort', () => {
  it.each([
    ['before the head', () => undefined],
    ['within the body', (response: ServerResponse) => response.write('one')],
    ['within a compressed body', (response: ServerResponse) => writeGzip(response)],
  ])('%s is thrown and closes the connection', async (_when, begin) => {
    const controller = new AbortController()
    answer = (response) => {
      begin(response)
      setTimeout(() => controller.abort(), 30)
    }
    const closed = closing()
    const thrown = await thrownBy(async () => (await post({ signal: controller.signal })).text())
    expect(thrown).toMatchObject({ name: 'AbortError' })
    await closed
  })

  it('while the body waits for its reader is heard by the reader', async () => {
    const controller = new AbortController()
    answer = (response) => response.write('one')
    const closed = closing()
    const response = await post({ signal: controller.signal })
    controller.abort()
    await closed
    expect(await thrownBy(() => response.text())).toMatchObject({ name: 'AbortError' })
  })

  it('before the call sends nothing', async () => {
    let requests = 0
    answer = () => requests++
    expect(await thrownBy(() => post({ signal: AbortSignal.abort() }))).toMatchObject({ name: 'AbortError' })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(requests).toBe(0)
  })

  it('leaves no listener behind when the call is over', async () => {
    answer = (response) => response.end(JSON.stringify(chatCompletion({ content: 'Yes.' })))
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    const ai = AI({ provider: 'openai', server: { apiUrl: url, token: 't' } })
    await ai.chat.text({ ...ASK, signal })
    expect(listeners).toBe(0)
  })
})

function writeGzip(response: ServerResponse): void {
  response.writeHead(200, { 'content-encoding': 'gzip' }).write(gzipSync('one').subarray(0, 12))
}

it.each([
  ['text', '{}'],
  ['a form', new FormData()],
])(
  'stops reading a compressed body that is far larger than its bytes, after a request with %s',
  async (_name, body) => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
    answer = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    const response = await post({ body })
    await expect(response.arrayBuffer()).rejects.toThrow('The compressed response is larger than 128 MB.')
  },
)
