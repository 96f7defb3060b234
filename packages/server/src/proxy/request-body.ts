import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'

/** Bodies up to this many bytes are held in memory: that is faster than a stream. */
const BUFFERED = 64 * 1024

/** The body of a request, untouched, and the part of it that is there before the call goes out. */
export type RequestBody = {
  readonly send: Buffer | PassThrough | null
  /** The whole body when `send` is a buffer, the first piece of a stream, null for none. */
  readonly first: Buffer | null
}

/** A buffer for a small body of known length, else a stream. `left` when the caller went away while it was read. */
export async function requestBody(request: IncomingMessage): Promise<RequestBody | 'left'> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && (length === undefined || length === '0')) return { send: null, first: null }
  if (encoding === undefined && Number(length) <= BUFFERED) {
    const whole = await collect(request)
    return whole === 'left' ? 'left' : { send: whole, first: whole }
  }
  const first = await firstPiece(request)
  if (first === 'left') return 'left'
  // undici destroys the stream that it is given when the vendor breaks off; the caller's socket must outlive that.
  const send = new PassThrough()
  if (first) send.write(first)
  request.once('close', () => {
    if (!request.complete) send.destroy()
  })
  return { send: request.pipe(send), first }
}

/** By events: an async iterator costs more than the rest of this file. */
function collect(request: IncomingMessage): Promise<Buffer | 'left'> {
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    request.once('close', () => resolve('left'))
  })
}

function firstPiece(request: IncomingMessage): Promise<Buffer | null | 'left'> {
  return new Promise((resolve) => {
    request.once('readable', () => resolve(request.read()))
    request.once('close', () => resolve('left'))
  })
}
