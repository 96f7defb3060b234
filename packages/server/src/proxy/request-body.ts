import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import type { ApiError } from '../platform/errors.ts'
import { bodyTooLarge } from './failures.ts'

/** Largest body that is buffered instead of streamed, which is faster, in bytes. */
const MAX_BUFFERED_BYTES = 64 * 1024

/** The unchanged body of a request, and the part that is available before the call is sent. */
export type RequestBody = {
  readonly send: Buffer | PassThrough | null
  /** The whole body if `send` is a buffer, the first chunk of a stream, null if there is no body. */
  readonly first: Buffer | null
  /** Bytes read so far. */
  readonly bytes: () => number
}

/**
 * Reads a small body of known length into a buffer, else into a stream. Returns `client-aborted` if the caller disconnects
 * first. A stream that exceeds the limit fails with an ApiError 413.
 *
 * @param limits in bytes; with `readWhole`, the body is buffered up to this size, and a larger one is refused
 * @param then called once; not a promise, because most bodies are complete within the same turn
 */
export function readBody(
  request: IncomingMessage,
  { bodyLimit: limit, readWhole }: { bodyLimit: number; readWhole?: number | undefined },
  then: (body: RequestBody | ApiError | 'client-aborted') => void,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && (length === undefined || length === '0'))
    then({ send: null, first: null, bytes: () => 0 })
  else if (Number(length) > limit) then(bodyTooLarge(limit))
  else if (readWhole !== undefined) collect(request, then, Math.min(limit, readWhole))
  else if (encoding === undefined && Number(length) <= MAX_BUFFERED_BYTES) collect(request, then)
  else stream(request, limit, then)
}

/** Uses events: an async iterator costs more than the rest of this file. */
function collect(
  request: IncomingMessage,
  then: (body: RequestBody | ApiError | 'client-aborted') => void,
  limit = MAX_BUFFERED_BYTES,
): void {
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= limit) chunks.push(chunk)
  })
  request.on('end', () => {
    if (bytes > limit) return then(bodyTooLarge(limit))
    const whole = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
    then({ send: whole, first: whole, bytes: () => bytes })
  })
  request.on('close', () => {
    if (!request.complete) then('client-aborted')
  })
}

function stream(request: IncomingMessage, limit: number, then: (body: RequestBody | 'client-aborted') => void): void {
  // undici destroys its stream when the vendor disconnects; the caller's socket must outlive that.
  const send = new PassThrough()
  // Reads and drops the rest of the body, so that the caller can read our response.
  send.once('close', () => request.resume())
  send.on('error', () => {})
  let hasStarted = false
  request.once('readable', () => {
    hasStarted = true
    const first: Buffer | null = request.read()
    let bytes = first?.length ?? 0
    if (first) send.write(first)
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limit) send.destroy(bodyTooLarge(limit))
    })
    request.pipe(send)
    then({ send, first, bytes: () => bytes })
  })
  request.once('close', () => {
    if (request.complete) return
    send.destroy()
    if (!hasStarted) then('client-aborted')
  })
}
