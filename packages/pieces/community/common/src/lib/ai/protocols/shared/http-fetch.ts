import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { addAbortSignal, pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { table } from './table.ts'

/** After so long without a byte the connection counts as dead; the SDKs themselves wait as long for a reply's head. */
const SOCKET_TIMEOUT_MS = 600_000

/**
 * A `fetch` for the vendors' SDKs, straight on Node's HTTP client: the platform's own is more than half of what a call
 * costs. It sends text and gives bytes as they come; whatever else is asked for goes to the platform's own.
 * Redirects are not followed, so that no token leaves for another host: the caller gets the 3xx.
 */
export async function httpFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { body, headers, method = 'GET', signal } = init
  if (input instanceof Request || (body && typeof body !== 'string') || 'dispatcher' in init) {
    return fetch(input, { ...init, redirect: 'manual' })
  }
  const url = new URL(input)
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      headers: { 'accept-encoding': 'identity', ...Object.fromEntries(new Headers(headers)) },
      timeout: SOCKET_TIMEOUT_MS,
      ...(signal && { signal }),
    })
    request.on('error', reject)
    request.on('timeout', () => request.destroy(new Error('The connection timed out.')))
    request.on('response', (reply) => {
      reply.on('error', () => undefined) // whoever reads the body gets it, however late
      if (signal) addAbortSignal(signal, reply)
      resolve(reply)
    })
    request.end(body)
  })
  try {
    return toResponse(message)
  } catch (error) {
    message.destroy()
    throw error
  }
}

function toResponse(message: IncomingMessage): Response {
  const { statusCode: status = 0, statusMessage: statusText = '' } = message
  const headers = new Headers()
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    headers.append(message.rawHeaders[at] ?? '', message.rawHeaders[at + 1] ?? '')
  }
  if (NO_BODY.includes(status)) {
    message.resume()
    return new Response(null, { status, statusText, headers })
  }
  return new Response(toBody(decoded(message)), { status, statusText, headers })
}

/** A `Response` of these must have none. */
const NO_BODY = [204, 205, 304]

/** What `ReadableStream.from` gives, but for its cancel: that one waits for the next piece before it closes the connection. */
function toBody(source: Readable): ReadableStream<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]()
  return new ReadableStream(
    {
      pull: async (controller) => {
        const { value, done } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => void source.destroy(),
    },
    { highWaterMark: 0 },
  )
}

/** We ask for no compression, and some servers compress all the same. */
function decoded(message: IncomingMessage): Readable {
  const decoder = DECODERS[message.headers['content-encoding'] ?? '']?.()
  if (!decoder) return message
  return pipeline(message, decoder, () => undefined) // what goes wrong reaches the reader as the decoder's error
}

const DECODERS: Record<string, () => Transform> = table({
  br: createBrotliDecompress,
  deflate: createInflate,
  gzip: createGunzip,
})
