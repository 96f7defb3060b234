import { AIError } from '../../errors/ai-error.ts'

/** One event of a stream. `event` is `''` if unnamed; `error` is set if the event is an error. */
export type SseEvent = { event: string; data: string; error?: Error }

/** Events of one chunk. `final` marks an event that was unfinished at the end of the body; `stray`: text that is not an event. */
export type SseBatch = { events: SseEvent[]; final: boolean; stray?: string | undefined }

/**
 * Reads server-sent events from a body: LF, CRLF or CR lines, UTF-8 split across chunks, comments, several data lines, a
 * missing final blank line. Leaving the loop early closes the connection.
 *
 * @param isDone called after each batch: if true, the loop ends without waiting for the end of the body, and the connection
 *   can be reused if the body ends soon
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function readSse(body: ReadableStream<Uint8Array>, isDone?: () => boolean): AsyncGenerator<SseBatch> {
  const parser = createSseParser()
  const decoder = new TextDecoder()
  const push = (piece?: Uint8Array) =>
    parser.push(piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true }))
  return readEvents(body, { push, end: parser.end, stray: parser.stray }, isDone)
}

/** Parses events from chunks of bytes. */
export type EventParser = {
  /** Returns the events that this chunk completes; no chunk means that the body has ended. */
  readonly push: (piece?: Uint8Array) => SseEvent[]
  /** Returns the unfinished event at the end of the body. */
  readonly end: () => SseEvent | undefined
  /** Text that is not an event, available after the end: a JSON error or an HTML page instead of a stream. */
  readonly stray: () => string | undefined
}

/** Reads events from a body with any parser. @param isDone as in `readSse` */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  parser: EventParser,
  isDone: () => boolean = () => false,
): AsyncGenerator<SseBatch> {
  const reader = body.getReader()
  let ended = false
  try {
    while (!ended) {
      const { value, done } = await reader.read()
      ended = done
      const events = parser.push(done ? undefined : value)
      if (events.length > 0) yield { events, final: false }
      if (isDone()) {
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

/** Reads the rest of the body, with a timeout. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => reader.cancel().catch(() => undefined), STREAM_END_TIMEOUT_MS)
  try {
    while (!(await reader.read()).done);
  } catch {
    // the connection failed after everything had arrived
  } finally {
    clearTimeout(timer)
  }
}

const STREAM_END_TIMEOUT_MS = 500

/** Creates a parser for chunks of text. */
export function createSseParser() {
  /** The line without an end so far. */
  let line = ''
  let endsInCR = false
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
      const out: SseEvent[] = []
      // Only the new text is searched: a line may come in very many pieces.
      let start = endsInCR && text.charCodeAt(0) === LF ? 1 : 0
      const ends = lineEnds(text)
      for (let end = ends(start); end >= 0; end = ends(start)) {
        take(line + text.slice(start, end), out)
        line = ''
        start = text.charCodeAt(end) === CR && text.charCodeAt(end + 1) === LF ? end + 2 : end + 1
      }
      if (text !== '') endsInCR = text.charCodeAt(text.length - 1) === CR
      line += text.slice(start)
      if (line.length + (data?.length ?? 0) > MAX_EVENT_LENGTH) {
        throw new AIError({ code: 'invalid-reply', message: 'An event of the stream is larger than 64 MB.' })
      }
      return out
    },
    /** Returns an event without its final blank line. */
    end(): SseEvent | undefined {
      const out: SseEvent[] = []
      if (line !== '') take(line, out)
      take('', out)
      line = ''
      return out[0]
    },
    stray: () => (stray.trim() === '' ? undefined : stray),
  }
}

/** Ignored fields; a comment has an empty name. */
const IGNORED_FIELDS = new Set(['', 'id', 'retry'])

/** Maximum characters of one event. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024

/** Maximum characters of lines that are not events. Further ones are dropped. */
export const MAX_STRAY_LENGTH = 4_000_000

const LF = 10
const CR = 13
const SPACE = 32

/** Finds line ends from left to right. Caches the next ones, because most streams have no CR at all. */
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
