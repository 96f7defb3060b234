import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type JsonObject = { readonly [field: string]: unknown }

/** A request as it came. */
export type ReceivedRequest = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The text's JSON object; empty where it is none. */
  readonly body: JsonObject
  /** When the client closed the connection before the answer was whole, by `performance.now()`. */
  closedAt?: number
}

/** What the vendor does with one request. */
export type Responder = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>

/** A vendor on this machine that does what it is told, good manners or not. */
export type FakeVendor = {
  /** Without a trailing slash. */
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** Answers in turn; the last one answers all that follow. Forgets the requests so far. */
  readonly respondWith: (...responders: Responder[]) => void
  readonly close: () => Promise<void>
}

export async function startFakeVendor(): Promise<FakeVendor> {
  const requests: ReceivedRequest[] = []
  let responders: Responder[] = []
  const server = createServer((request, response) => {
    void receive(request, response).catch(() => response.destroy())
  })
  async function receive(request: IncomingMessage, response: ServerResponse) {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const received = toReceived(request, Buffer.concat(pieces).toString())
    requests.push(received)
    response.on('close', () => {
      if (!response.writableFinished) received.closedAt = performance.now()
    })
    const respond = responders.length > 1 ? responders.shift() : responders[0]
    if (respond) await respond(response, received)
    else response.writeHead(404).end()
  }
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  // SAFETY: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    respondWith: (...next) => {
      responders = next
      requests.length = 0
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function toReceived(request: IncomingMessage, text: string): ReceivedRequest {
  return { method: request.method ?? '', path: request.url ?? '', headers: request.headers, text, body: parse(text) }
}

function parse(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The field's object, or an empty one. */
export function objectAt(value: JsonObject, field: string): JsonObject {
  const found = value[field]
  return isObject(found) ? found : {}
}

/** The objects of the field's list; none when it is no list. */
export function listAt(value: JsonObject, field: string): JsonObject[] {
  const found = value[field]
  return Array.isArray(found) ? found.filter(isObject) : []
}
