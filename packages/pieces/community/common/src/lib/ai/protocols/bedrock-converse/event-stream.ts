import { crc32 } from 'node:zlib'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import { type EventParser, readEvents, type SseBatch, type SseEvent } from '../shared/sse.ts'

/**
 * Reads the frames of AWS's `application/vnd.amazon.eventstream` as events: the name is the frame's event type, the data its
 * JSON. A frame that is an exception, or that is damaged, is an event with an error.
 *
 * Read here and not by `@smithy/eventstream-codec`: that is a door to the whole of `@smithy/core`, 8 MB that take as long to
 * load as a vendor's SDK, for these lines.
 *
 * @param isWhole as in `readSse`
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function readEventStream(body: ReadableStream<Uint8Array>, isWhole?: () => boolean): AsyncGenerator<SseBatch> {
  return readEvents(body, createFrameParser(), isWhole)
}

/** The parser alone, for bytes that come in pieces. */
export function createFrameParser(): EventParser {
  let rest: Buffer = Buffer.alloc(0)
  let damaged = false
  let frames = 0
  let stray: Buffer[] | undefined
  return {
    push(piece) {
      if (piece === undefined || damaged) return []
      if (stray === undefined && rest.length === 0 && frames === 0 && startsWithText(piece)) stray = []
      if (stray) {
        stray.push(Buffer.from(piece))
        return []
      }
      rest =
        rest.length === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : Buffer.concat([rest, piece])
      const events: SseEvent[] = []
      for (let frame = takeFrame(rest); frame !== undefined; frame = takeFrame(rest)) {
        rest = rest.subarray(frame.length)
        events.push(frame.event)
        frames++
        damaged = frame.damaged
        if (damaged) break // nobody knows where the next one begins
      }
      return events
    },
    end: () => undefined, // half a frame says nothing
    stray: () => stray && Buffer.concat(stray).toString(),
  }
}

/** The first byte of a frame is the most significant byte of its length, so it is 0. */
function startsWithText(piece: Uint8Array): boolean {
  return (piece[0] ?? 0) >= 0x20
}

type Frame = { length: number; event: SseEvent; damaged: boolean }

/** Length of all, length of the headers, and a checksum of both; each of four bytes. */
const PRELUDE = 12
const CHECKSUM = 4

/** The first frame, once it is whole: prelude, headers, payload, and a checksum of all that. */
function takeFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < PRELUDE) return undefined
  const length = bytes.readUInt32BE(0)
  const headersLength = bytes.readUInt32BE(4)
  if (crc32(bytes.subarray(0, 8)) !== bytes.readUInt32BE(8) || PRELUDE + headersLength + CHECKSUM > length) {
    return damagedFrame(bytes.length, 'is no frame of an event stream')
  }
  if (bytes.length < length) return undefined
  if (crc32(bytes.subarray(0, length - CHECKSUM)) !== bytes.readUInt32BE(length - CHECKSUM)) {
    return damagedFrame(length, 'was damaged on its way')
  }
  const headers = headersOf(bytes.subarray(PRELUDE, PRELUDE + headersLength))
  if (!headers) return damagedFrame(length, 'has headers that nobody can read')
  const data = bytes.toString('utf8', PRELUDE + headersLength, length - CHECKSUM)
  return { length, event: toEvent(headers, data), damaged: false }
}

function damagedFrame(length: number, what: string): Frame {
  const error = new AIError({ code: 'invalid-reply', message: `A part of the stream ${what}.` })
  return { length, event: { event: '', data: '', error }, damaged: true }
}

function toEvent(headers: ReadonlyMap<string, string>, data: string): SseEvent {
  const type = headers.get(':message-type')
  if (type === 'exception') {
    const error = errorInResponse({ ...fieldsOf(data), __type: headers.get(':exception-type') ?? 'exception' })
    return { event: 'exception', data, error }
  }
  if (type === 'error') {
    const message = headers.get(':error-message') ?? 'The vendor said no more.'
    return { event: 'error', data, error: errorInResponse({ message, __type: headers.get(':error-code') ?? 'error' }) }
  }
  return { event: headers.get(':event-type') ?? '', data }
}

/** The text's JSON object; what is none is the message itself. */
function fieldsOf(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : { message: text }
  } catch {
    return { message: text }
  }
}

/** The headers that are texts; undefined where they end in the middle of one or are of a type that nobody knows. */
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
/** The bytes of the other types: true, false, whole numbers of four sizes, a time, a UUID. */
const SIZES: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }
