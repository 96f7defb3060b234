import type { Reading, UnreadCall } from './read-call.ts'

/** Data with which the reader's worker thread is started. */
export type ReaderWorkerData = {
  /** Index of the call in the current batch that is being read; −1 before the first. Shared memory. */
  readonly progress: Int32Array
  /** Whether to also read the names that traces need. */
  readonly names: boolean
}

/** Finished calls, and their concatenated bytes: head, tail, head, tail. */
export type ReaderBatch = { readonly calls: readonly PackedCall[]; readonly bytes: Uint8Array }

export type PackedCall = Omit<UnreadCall, 'capture'> & {
  readonly headBytes: number
  readonly tailBytes: number
  readonly isWhole: boolean
}

/** The readings of a batch, in its order. A call that could not be read has a fallback reading and an error. */
export type ReaderResult = { readonly readings: readonly Reading[]; readonly errors: readonly string[] }

/** @returns the batch and its bytes in a buffer that can be transferred */
export function packBatch(calls: readonly UnreadCall[]): ReaderBatch & { bytes: Uint8Array<ArrayBuffer> } {
  const bytes = new Uint8Array(calls.reduce((sum, { capture }) => sum + bytesOf(capture), 0))
  let at = 0
  const packed = calls.map(({ capture: { head, tail, isWhole }, ...call }) => {
    bytes.set(head, at)
    bytes.set(tail, at + head.length)
    at += head.length + tail.length
    return { ...call, headBytes: head.length, tailBytes: tail.length, isWhole }
  })
  return { calls: packed, bytes }
}

export function unpackBatch({ calls, bytes }: ReaderBatch): UnreadCall[] {
  let at = 0
  const take = (length: number) => {
    at += length
    return bytes.subarray(at - length, at)
  }
  return calls.map(({ headBytes, tailBytes, isWhole, ...call }) => ({
    ...call,
    capture: { head: take(headBytes), tail: take(tailBytes), isWhole },
  }))
}

export function bytesOf({ head, tail }: UnreadCall['capture']): number {
  return head.length + tail.length
}
