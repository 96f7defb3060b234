import { crc32 } from 'node:zlib'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import { type EventParser, MAX_STRAY_LENGTH, readEvents, type SseBatch, type SseEvent } from '../shared/sse.ts'

/**
 * Reads the frames of AWS's `application/vnd.amazon.eventstream` as events: the name is the frame's event type, the data its
 * JSON. An exception or a corrupt frame becomes an event with an error.
 *
 * Not `@smithy/eventstream-codec`, because it pulls in all of `@smithy/core`: 8 MB that take as long to load as an SDK.
 *
 * @param isDone as in `readSse`
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function readEventStream(body: ReadableStream<Uint8Array>, isDone?: () => boolean): AsyncGenerator<SseBatch> {
  return readEvents(body, createFrameParser(), isDone)
}

/** Creates a parser for chunks of bytes. */
export function createFrameParser(): EventParser {
  /** Bytes that are not a complete frame yet, joined once there are enough: a frame may come in very many pieces. */
  let pieces: Buffer[] = []
  let size = 0
  let needed = PRELUDE
  let corrupt = false
  let frames = 0
  let stray: Buffer[] | undefined
  return {
    push(piece) {
      if (piece === undefined || corrupt) return []
      if (stray === undefined && size === 0 && frames === 0 && startsWithText(piece)) stray = []
      const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
      size += bytes.length
      if (stray) {
        if (size <= MAX_STRAY_LENGTH) stray.push(bytes)
        return []
      }
      pieces.push(bytes)
      if (size < needed) return []
      let rest = Buffer.concat(pieces)
      const events: SseEvent[] = []
      for (let frame = takeFrame(rest); frame !== undefined; frame = takeFrame(rest)) {
        rest = rest.subarray(frame.length)
        events.push(frame.event)
        frames++
        corrupt = frame.corrupt
        if (corrupt) break // the start of the next frame is unknown
      }
      pieces = [rest]
      size = rest.length
      needed = size < PRELUDE ? PRELUDE : rest.readUInt32BE(0)
      return events
    },
    end: () => undefined, // ignore an incomplete frame
    stray: () => stray && Buffer.concat(stray).toString(),
  }
}

/** The first byte of a frame is the most significant byte of its length, so it is 0 in practice. */
function startsWithText(piece: Uint8Array): boolean {
  return (piece[0] ?? 0) >= 0x20
}

type Frame = { length: number; event: SseEvent; corrupt: boolean }

/** Total length, header length and a checksum of both, four bytes each. */
const PRELUDE = 12
const CHECKSUM = 4

/** AWS's own limit, in bytes. */
const MAX_FRAME_LENGTH = 24 * 1024 * 1024

/** Takes the first complete frame: prelude, headers, payload and a checksum. */
function takeFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < PRELUDE) return undefined
  const length = bytes.readUInt32BE(0)
  const headersLength = bytes.readUInt32BE(4)
  const isPrelude = crc32(bytes.subarray(0, 8)) === bytes.readUInt32BE(8)
  if (!isPrelude || PRELUDE + headersLength + CHECKSUM > length || length > MAX_FRAME_LENGTH) {
    return corruptFrame(bytes.length, 'is not a frame of an event stream')
  }
  if (bytes.length < length) return undefined
  if (crc32(bytes.subarray(0, length - CHECKSUM)) !== bytes.readUInt32BE(length - CHECKSUM)) {
    return corruptFrame(length, 'is corrupt')
  }
  const headers = headersOf(bytes.subarray(PRELUDE, PRELUDE + headersLength))
  if (!headers) return corruptFrame(length, 'has invalid headers')
  const data = bytes.toString('utf8', PRELUDE + headersLength, length - CHECKSUM)
  return { length, event: toEvent(headers, data), corrupt: false }
}

function corruptFrame(length: number, what: string): Frame {
  const error = new AIError({ code: 'invalid-reply', message: `A part of the stream ${what}.` })
  return { length, event: { event: '', data: '', error }, corrupt: true }
}

function toEvent(headers: ReadonlyMap<string, string>, data: string): SseEvent {
  const type = headers.get(':message-type')
  if (type === 'exception') {
    const error = errorInResponse({ ...fieldsOf(data), __type: headers.get(':exception-type') ?? 'exception' })
    return { event: 'exception', data, error }
  }
  if (type === 'error') {
    const message = headers.get(':error-message') ?? 'No message.'
    return { event: 'error', data, error: errorInResponse({ message, __type: headers.get(':error-code') ?? 'error' }) }
  }
  return { event: headers.get(':event-type') ?? '', data }
}

/** Parses a JSON object; any other text becomes the message. */
function fieldsOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : { message: text }
  } catch {
    return { message: text }
  }
}

/** Returns the string headers; undefined if they are truncated or of an unknown type. */
function headersOf(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    const nameEnd = at + 1 + (bytes[at] ?? 0)
    const name = bytes.toString('utf8', at + 1, nameEnd)
    const type = bytes[nameEnd]
    const start = nameEnd + 1
    if (type === TEXT || type === BYTES) {
      if (start + 2 > bytes.length) return undefined
      at = start + 2 + bytes.readUInt16BE(start)
      if (type === TEXT) headers.set(name, bytes.toString('utf8', start + 2, at))
    } else {
      const size = SIZES[type ?? -1]
      if (size === undefined) return undefined
      at = start + size
    }
  }
  return at === bytes.length ? headers : undefined
}

const BYTES = 6
const TEXT = 7
/** Sizes of the other types: true, false, integers of four sizes, a timestamp, a UUID. */
const SIZES: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }
