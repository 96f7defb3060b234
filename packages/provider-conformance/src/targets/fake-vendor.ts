import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type JsonObject = { readonly [field: string]: unknown }

/** A request as received. */
export type ReceivedRequest = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as a JSON object; empty if it is not one. */
  readonly body: JsonObject
  /** Time at which the client closed the connection before the response was complete, from `performance.now()`. */
  closedAt?: number
}

/** Handles one request. */
export type Responder = (response: ServerResponse, request: ReceivedRequest) => void | Promise<void>

/** Local HTTP server that stands in for a vendor and responds as scripted, including malformed responses and faults. */
export type FakeVendor = {
  /** Without a trailing slash. */
  readonly url: string
  readonly requests: readonly ReceivedRequest[]
  /** Sets the responders, one per request; the last one handles all further requests. Clears `requests`. */
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
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const received = toReceived(request, Buffer.concat(chunks).toString())
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

/** Returns the object in a field, or an empty one. */
export function objectAt(value: JsonObject, field: string): JsonObject {
  const found = value[field]
  return isObject(found) ? found : {}
}

/** Returns the objects in a field's array; empty if the field is not an array. */
export function listAt(value: JsonObject, field: string): JsonObject[] {
  const found = value[field]
  return Array.isArray(found) ? found.filter(isObject) : []
}
