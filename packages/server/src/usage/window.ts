/** The beginning and the end of a reply's body, by reference: what stands between is let go. */
export type Window = {
  readonly push: (piece: Buffer) => void
  readonly read: () => Seen
}

export type Seen = {
  readonly head: Buffer
  /** What follows the head, or its last bytes where something between the two was let go. */
  readonly tail: Buffer
  readonly isWhole: boolean
}

/** How much is kept, in bytes. A stream names model and prompt tokens in its first events, the rest in its last. */
const HEAD = 8 * 1024
const TAIL = 64 * 1024

/** @param tailBytes at least so much of the end is kept: what is compressed can only be read whole */
export function createWindow(tailBytes = TAIL): Window {
  const head: Buffer[] = []
  let tail: Buffer[] = []
  let first = 0 // of the pieces in `tail` that are still kept
  let headBytes = 0
  let kept = 0
  let isWhole = true

  return {
    push(piece) {
      if (headBytes < HEAD) {
        headBytes += piece.length
        head.push(piece)
        return
      }
      tail.push(piece)
      kept += piece.length
      for (let oldest = tail[first]; oldest && kept - oldest.length >= tailBytes; oldest = tail[first]) {
        kept -= oldest.length
        first++
        isWhole = false
      }
      if (first > 256) {
        tail = tail.slice(first)
        first = 0
      }
    },
    read: () => ({ head: join(head), tail: join(first === 0 ? tail : tail.slice(first)), isWhole }),
  }
}

function join(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces
  return pieces.length === 1 && only ? only : Buffer.concat(pieces)
}
