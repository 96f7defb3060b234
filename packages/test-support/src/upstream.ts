import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

export type RecordedRequest = {
  method: string
  url: string
  rawHeaders: string[]
  headers: IncomingMessage['headers']
  body: Buffer
}

type Answer = (request: RecordedRequest, response: ServerResponse, raw: IncomingMessage) => void

/** A vendor that records every request as it came and answers what the test says. */
export async function startUpstream() {
  const requests: RecordedRequest[] = []
  const sockets = new Set<Socket>()
  let answer: Answer = (_request, response) => json(response, 200, { ok: true })
  const server = createServer(async (raw, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of raw) chunks.push(chunk)
    } catch {
      return
    }
    const { method = '', url = '', rawHeaders, headers } = raw
    const request = { method, url, rawHeaders, headers, body: Buffer.concat(chunks) }
    requests.push(request)
    answer(request, response, raw)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // SAFETY: a server that listens on a port has an AddressInfo.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    requests,
    sockets,
    answer: (next: Answer) => {
      answer = next
      requests.length = 0
    },
    last(): RecordedRequest {
      const request = requests.at(-1)
      if (!request) throw new Error('The vendor got no request.')
      return request
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export type Upstream = Awaited<ReturnType<typeof startUpstream>>

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}
