/** One event of a stream; `event` is `''` where the vendor names none, `error` is there where it says that it failed. */
export type SseEvent = { event: string; data: string; error?: Error }

/** Events of one chunk. `final` marks an event that was unfinished at the end of the body; `stray`: text that is not an event. */
export type SseBatch = { events: SseEvent[]; final: boolean; stray?: string | undefined }

/**
 * Reads server-sent events off a body, however it is cut: LF, CRLF or CR lines, split UTF-8, comments, several data
 * lines, a missing last blank line. Leaving the loop early closes the connection.
 *
 * @param isWhole asked after each batch: whether all has come that is wanted. Then the loop ends without waiting for the
 *   body's end, and the connection can be used again if that comes soon.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function readSse(body: ReadableStream<Uint8Array>, isWhole?: () => boolean): AsyncGenerator<SseBatch> {
  const parser = createSseParser()
  const decoder = new TextDecoder()
  const push = (piece?: Uint8Array) =>
    parser.push(piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true }))
  return readEvents(body, { push, end: parser.end, stray: parser.stray }, isWhole)
}

/** Makes events of bytes, however they are cut. */
export type EventParser = {
  /** The events that are whole with this piece; without one: the body has ended. */
  readonly push: (piece?: Uint8Array) => SseEvent[]
  /** What stood unfinished when the body ended. */
  readonly end: () => SseEvent | undefined
  /** Text that is not an event, available after the end: a JSON error or an HTML page instead of a stream. */
  readonly stray: () => string | undefined
}

/** Reads events off a body, whatever their form; `isWhole` as in `readSse`. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  parser: EventParser,
  isWhole: () => boolean = () => false,
): AsyncGenerator<SseBatch> {
  const reader = body.getReader()
  let ended = false
  try {
    while (!ended) {
      const { value, done } = await reader.read()
      ended = done
      const events = parser.push(done ? undefined : value)
      if (events.length > 0) yield { events, final: false }
      if (isWhole()) {
        ended = true
        void drain(reader)
        return
      }
    }
    const rest = parser.end()
    const stray = parser.stray()
    if (rest || stray !== undefined) yield { events: rest ? [rest] : [], final: true, stray }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined)
  }
}

/** Reads what still comes, and leaves where it does not end. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => reader.cancel().catch(() => undefined), STREAM_END_TIMEOUT_MS)
  try {
    while (!(await reader.read()).done);
  } catch {
    // the connection was cut: nothing that is wanted was on it
  } finally {
    clearTimeout(timer)
  }
}

const STREAM_END_TIMEOUT_MS = 500

/** The parser alone, for text that comes in pieces. */
export function createSseParser() {
  let buffer = ''
  let event = ''
  let data: string | undefined
  let stray = ''

  function keepStray(line: string) {
    if (stray.length < MAX_STRAY_LENGTH) stray += `${line}\n`
  }

  function dispatch(out: SseEvent[]) {
    if (data !== undefined) out.push({ event, data })
    event = ''
    data = undefined
  }

  function take(line: string, out: SseEvent[]) {
    if (line === '') return dispatch(out)
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1)
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (field === 'event') event = value
    else if (!IGNORED_FIELDS.has(field)) keepStray(line)
  }

  return {
    push(text: string): SseEvent[] {
      buffer = buffer === '' ? text : buffer + text
      const out: SseEvent[] = []
      let start = 0
      const ends = lineEnds(buffer)
      for (let end = ends(start); end >= 0; end = ends(start)) {
        const carriageReturn = buffer.charCodeAt(end) === CR
        if (carriageReturn && end === buffer.length - 1) break // its LF may be in the next piece
        take(buffer.slice(start, end), out)
        start = carriageReturn && buffer.charCodeAt(end + 1) === LF ? end + 2 : end + 1
      }
      buffer = buffer.slice(start)
      return out
    },
    /** What stood without its closing blank line when the body ended. */
    end(): SseEvent | undefined {
      const out: SseEvent[] = []
      for (const line of buffer.split(/\r\n?|\n/)) take(line, out)
      take('', out)
      buffer = ''
      return out[0]
    },
    stray: () => (stray.trim() === '' ? undefined : stray),
  }
}

/** Fields that are ignored; a comment has an empty name. */
const IGNORED_FIELDS = new Set(['', 'id', 'retry'])

/** Maximum characters of lines that are not events. Further ones are dropped. */
const MAX_STRAY_LENGTH = 4_000_000

const LF = 10
const CR = 13
const SPACE = 32

/** Where lines end, asked from left to right. What was found and not yet passed is kept: most streams have no CR at all. */
function lineEnds(text: string): (from: number) => number {
  let lf = -1
  let cr = -1
  return (from) => {
    if (lf < from) lf = orEnd(text.indexOf('\n', from))
    if (cr < from) cr = orEnd(text.indexOf('\r', from))
    const end = Math.min(lf, cr)
    return end === Number.POSITIVE_INFINITY ? -1 : end
  }
}

function orEnd(position: number): number {
  return position < 0 ? Number.POSITIVE_INFINITY : position
}
