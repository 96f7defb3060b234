import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type JsonObject = { readonly [field: string]: unknown }

/** A request as it came. */
export type SeenRequest = {
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
export type Answer = (response: ServerResponse, request: SeenRequest) => void | Promise<void>

/** A vendor on this machine that does what it is told, good manners or not. */
export type HostileServer = {
  /** Without a trailing slash. */
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Answers in turn; the last one answers all that follow. Forgets the requests so far. */
  readonly answerWith: (...answers: Answer[]) => void
  readonly close: () => Promise<void>
}

export async function startHostileServer(): Promise<HostileServer> {
  const requests: SeenRequest[] = []
  let answers: Answer[] = []
  const server = createServer((request, response) => {
    void receive(request, response).catch(() => response.destroy())
  })
  async function receive(request: IncomingMessage, response: ServerResponse) {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const seen = toSeen(request, Buffer.concat(pieces).toString())
    requests.push(seen)
    response.on('close', () => {
      if (!response.writableFinished) seen.closedAt = performance.now()
    })
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer) await answer(response, seen)
    else response.writeHead(404).end()
  }
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  // SAFETY: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answerWith: (...next) => {
      answers = next
      requests.length = 0
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function toSeen(request: IncomingMessage, text: string): SeenRequest {
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
