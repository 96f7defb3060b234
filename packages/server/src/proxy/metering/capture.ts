/** The beginning and the end of a response body. The bytes in between are dropped. */
export type Capture = {
  readonly head: Uint8Array
  /** The bytes after the head, or only the last ones if some in between were dropped. */
  readonly tail: Uint8Array
  readonly isWhole: boolean
}

/** Bytes to keep of a plain body. A stream has the model and prompt tokens in its first events, the rest in its last. */
export const HEAD_BYTES = 8 * 1024
export const TAIL_BYTES = 64 * 1024

/** Bytes to keep from the beginning of a compressed body: its end cannot be read without them. */
export const COMPRESSED_BYTES = 256 * 1024

export const EMPTY: Capture = { head: Buffer.of(), tail: Buffer.of(), isWhole: true }

/** Copies what it keeps, so that a body in one-byte chunks takes no more memory than one in a single chunk. */
export function createCapture(headBytes = HEAD_BYTES, tailBytes = TAIL_BYTES) {
  let head = Buffer.of()
  /** A ring buffer once it has its full size: the byte at `position` after the head is at `position % tailBytes`. */
  let tail = Buffer.of()
  let inHead = 0
  let afterHead = 0

  const pushTail = (piece: Uint8Array) => {
    const end = afterHead + piece.length
    const kept = tailBytes < piece.length ? piece.subarray(piece.length - tailBytes) : piece
    tail = withRoom(tail, Math.min(afterHead, tailBytes), Math.min(end, tailBytes), tailBytes)
    if (tail.length > 0) {
      const at = (end - kept.length) % tailBytes
      const toEnd = kept.subarray(0, tailBytes - at)
      tail.set(toEnd, at)
      if (toEnd.length < kept.length) tail.set(kept.subarray(toEnd.length), 0)
    }
    afterHead = end
  }

  return {
    push(piece: Uint8Array): void {
      const taken = Math.min(piece.length, headBytes - inHead)
      if (taken > 0) {
        head = withRoom(head, inHead, inHead + taken, headBytes)
        head.set(piece.subarray(0, taken), inHead)
        inHead += taken
      }
      if (taken < piece.length) pushTail(piece.subarray(taken))
    },
    read(): Capture {
      const isWhole = afterHead <= tailBytes
      const start = afterHead % tailBytes
      const kept = isWhole
        ? tail.subarray(0, afterHead)
        : Buffer.concat([tail.subarray(start), tail.subarray(0, start)])
      return { head: head.subarray(0, inHead), tail: kept, isWhole }
    },
  }
}

/** The capture of a complete body. */
export function captureOf(body: Uint8Array): Capture {
  const capture = createCapture()
  capture.push(body)
  return capture.read()
}

/** A buffer with the same first `used` bytes that holds at least `needed`; it doubles until it has `limit` bytes. */
function withRoom(buffer: Buffer<ArrayBuffer>, used: number, needed: number, limit: number): Buffer<ArrayBuffer> {
  if (needed <= buffer.length) return buffer
  const larger = Buffer.allocUnsafe(Math.min(limit, Math.max(needed, 2 * buffer.length)))
  buffer.copy(larger, 0, 0, used)
  return larger
}
