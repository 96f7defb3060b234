import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import type { ApiError } from '../platform/errors.ts'
import { bodyTooLarge } from './failures.ts'

/** Bodies up to this many bytes are held in memory: that is faster than a stream. */
const MAX_BUFFERED_BYTES = 64 * 1024

/** The body of a request, untouched, and the part of it that is there before the call goes out. */
export type RequestBody = {
  readonly send: Buffer | PassThrough | null
  /** The whole body when `send` is a buffer, the first piece of a stream, null for none. */
  readonly first: Buffer | null
  /** How many bytes have been read so far. */
  readonly bytes: () => number
}

/**
 * Gives a buffer for a small body of known length, else a stream; `left` when the caller went away while it was read.
 * A stream that turns out to be larger than the limit breaks with an ApiError 413.
 *
 * @param limits in bytes; with `readWhole` a body is held in memory up to that many, and a larger one is refused
 * @param then called once; not a promise, because most calls have it within the same turn
 */
export function readBody(
  request: IncomingMessage,
  { bodyLimit: limit, readWhole }: { bodyLimit: number; readWhole?: number | undefined },
  then: (body: RequestBody | ApiError | 'left') => void,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && (length === undefined || length === '0'))
    then({ send: null, first: null, bytes: () => 0 })
  else if (Number(length) > limit) then(bodyTooLarge(limit))
  else if (readWhole !== undefined) collect(request, then, Math.min(limit, readWhole))
  else if (encoding === undefined && Number(length) <= MAX_BUFFERED_BYTES) collect(request, then)
  else stream(request, limit, then)
}

/** By events: an async iterator costs more than the rest of this file. */
function collect(
  request: IncomingMessage,
  then: (body: RequestBody | ApiError | 'left') => void,
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
    if (!request.complete) then('left')
  })
}

function stream(request: IncomingMessage, limit: number, then: (body: RequestBody | 'left') => void): void {
  // undici destroys the stream that it is given when the vendor breaks off; the caller's socket must outlive that.
  const send = new PassThrough()
  // What then still comes of the body is read and dropped, so that the caller gets to read our answer.
  send.once('close', () => request.resume())
  send.on('error', () => {})
  let begun = false
  request.once('readable', () => {
    begun = true
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
    if (!begun) then('left')
  })
}
