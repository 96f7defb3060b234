import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Exchange } from './exchanges.ts'
import { reframed } from './expected-converse.ts'
import { EVENTSTREAM_LINES } from './hand-written.ts'

/** How a replayed body is sent: at once, or in chunks of a number of bytes. */
export type Cut = 'whole' | { bytes: number }

/** URL path of an image for responses with URLs: a PNG that is served with the wrong content type. */
export const IMAGE_PATH = '/image.jpeg'
export const IMAGE = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64')

/**
 * Starts a local vendor that responds with recorded exchanges. A request to `/<slot>/…` gets the exchange that was last
 * put into that slot, so that replays can run concurrently.
 */
export async function startReplayServer() {
  const slots = new Map<string, { exchange: Exchange; cut: Cut }>()
  const last = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      last.set(slotOf(request), Buffer.concat(chunks))
      respond(request, response, slots)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // SAFETY: a TCP server that listens has an address with a port.
  const { port } = server.address() as AddressInfo
  return {
    /** Returns the base URL of a slot, without a trailing slash. */
    urlOf: (slot: string) => `http://127.0.0.1:${port}/${slot}`,
    put: (slot: string, exchange: Exchange, cut: Cut) => void slots.set(slot, { exchange, cut }),
    /** Returns the body of the last request to a slot. */
    lastOf: (slot: string) => last.get(slot)?.toString() ?? '',
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function slotOf({ url }: IncomingMessage): string {
  return url?.split('/')[1] ?? ''
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  slots: Map<string, { exchange: Exchange; cut: Cut }>,
) {
  if (request.url?.endsWith(IMAGE_PATH)) {
    return void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(Buffer.from(IMAGE, 'base64'))
  }
  const slot = slots.get(slotOf(request))
  if (!slot) return void response.writeHead(404).end()
  const { exchange, cut } = slot
  const body = bodyOf(exchange)
  response.writeHead(exchange.status, replayHeaders(exchange))
  if (cut === 'whole') return void response.end(body)
  response.flushHeaders()
  sendInChunks(response, body, cut.bytes, 0)
}

function bodyOf({ bodyForm, responseBody, responseBodyEncoding }: Exchange): Buffer {
  if (bodyForm === EVENTSTREAM_LINES) return reframed(responseBody)
  return Buffer.from(responseBody, responseBodyEncoding ?? 'utf8')
}

/** Sends one chunk per turn of the event loop, so that they arrive separately. */
function sendInChunks(response: ServerResponse, body: Buffer, bytes: number, from: number) {
  if (from >= body.length || response.destroyed) return void response.end()
  response.write(body.subarray(from, from + bytes))
  setImmediate(() => sendInChunks(response, body, bytes, from + bytes))
}

/** Removes headers that no longer match the body, which the recorders decoded. */
function replayHeaders(exchange: Exchange): Record<string, string> {
  const {
    'transfer-encoding': _framing,
    'content-encoding': _coding,
    'content-length': _length,
    ...rest
  } = exchange.responseHeaders
  // The recorder stored subtitles with the content type of JSON.
  return exchange.responseBody.startsWith('WEBVTT') ? { ...rest, 'content-type': 'text/vtt' } : rest
}
