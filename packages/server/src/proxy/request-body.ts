import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'

/** Bodies up to this many bytes are held in memory: that is faster than a stream. */
const BUFFERED = 64 * 1024

/**
 * The body of a request, untouched: null, a buffer for a small one of known length, else a stream. `left` when the
 * caller went away while it was read.
 */
export async function requestBody(request: IncomingMessage): Promise<Buffer | PassThrough | null | 'left'> {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
  if (encoding === undefined && (length === undefined || length === '0')) return null
  if (encoding === undefined && Number(length) <= BUFFERED) return collect(request)
  // undici destroys the stream that it is given when the vendor breaks off; the caller's socket must outlive that.
  const stream = new PassThrough()
  request.once('close', () => {
    if (!request.complete) stream.destroy()
  })
  return request.pipe(stream)
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
