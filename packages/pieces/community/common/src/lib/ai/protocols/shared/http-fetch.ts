import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { addAbortSignal, pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { AIError } from '../../errors/ai-error.ts'
import { table } from './table.ts'

/** Closes a connection after this long without a byte; the SDKs wait equally long for response headers. */
const SOCKET_TIMEOUT_MS = 600_000

/**
 * A `fetch` for the vendors' SDKs, directly on Node's HTTP client: the built-in one takes more than half of the time of a
 * call. It sends text and streams bytes; everything else falls back to the built-in one. Never follows redirects, so that no
 * token reaches another host: the caller gets the 3xx.
 */
export async function httpFetch(input: string | URL | Request, init: RequestInit = {}): Promise<Response> {
  const { body, headers, method = 'GET', signal } = init
  if (input instanceof Request || (body && typeof body !== 'string') || 'dispatcher' in init) {
    const response = await fetch(input, { ...init, redirect: 'manual' })
    if (!response.body || !response.headers.has('content-encoding')) return response
    return new Response(response.body.pipeThrough(limited()), response)
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
      reply.on('error', () => undefined) // the reader of the body gets the error
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
  const decoder = DECODERS[message.headers['content-encoding'] ?? '']?.()
  if (!decoder) return new Response(toBody(message), { status, statusText, headers })
  // We do not ask for compression, but some servers compress anyway. The reader gets the decoder's error.
  const body = toBody(pipeline(message, decoder, () => undefined))
  return new Response(body.pipeThrough(limited()), { status, statusText, headers })
}

/** Statuses whose `Response` must not have a body. */
const NO_BODY = [204, 205, 304]

/** Like `ReadableStream.from`, whose cancel waits for the next chunk before it closes the connection. */
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

/** Maximum size of a decompressed body: a few kilobytes can decompress to gigabytes. */
const MAX_DECOMPRESSED_BYTES = 128 * 1024 * 1024

function limited(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length
      if (bytes <= MAX_DECOMPRESSED_BYTES) controller.enqueue(chunk)
      else
        controller.error(
          new AIError({ code: 'invalid-reply', message: 'The compressed response is larger than 128 MB.' }),
        )
    },
  })
}

const DECODERS: Record<string, () => Transform> = table({
  br: createBrotliDecompress,
  deflate: createInflate,
  gzip: createGunzip,
})
