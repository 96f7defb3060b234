import { FINISH_REASON_FIELDS, usageIn } from '@activepieces/pieces-common/observe'
import type { Capture } from './capture.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'

/** What was read from the bytes of a response. */
export type ResponseFacts = {
  /** The vendor's usage object; for a stream, merged from its first and last events. */
  readonly usage: JsonObject | undefined
  readonly model: string | undefined
  /** The error that the vendor reports inside a successful response. */
  readonly error: unknown
}

const NOTHING: ResponseFacts = { usage: undefined, model: undefined, error: undefined }

/** Largest body that is parsed, in bytes. A larger one is searched. */
const MAX_PARSED_BYTES = 64 * 1024

/** @param type content type of the response, without parameters */
export function readResponse(type: string, capture: Capture): ResponseFacts {
  const { isWhole } = capture
  if (capture.head.length === 0) return NOTHING
  if (/^(audio|image|video)\//.test(type)) return NOTHING
  const [head, tail] = [asBuffer(capture.head), asBuffer(capture.tail)]
  const form = formOf(type, head)
  if (form === 'events') return readEvents(head.toString(), isWhole ? textOf(capture) : tail.toString(), isWhole)
  if (form === 'frames' || !isWhole || head.length + tail.length > MAX_PARSED_BYTES) {
    return search(head.toString('latin1'), tail.toString('latin1'))
  }
  const response = parseJson(textOf(capture))
  const body = Array.isArray(response) ? response.at(-1) : response
  return isObject(body) ? factsOf(body) : NOTHING
}

/** The captured part of a body, as text. */
export function textOf({ head, tail, isWhole }: Capture): string {
  return Buffer.concat(isWhole ? [head, tail] : [head, LINE_FEED, tail]).toString()
}

const LINE_FEED = Buffer.from('\n')

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Further facts about a response, as the vendor names them. */
export type ResponseNames = { readonly id: string | undefined; readonly finishReasons: readonly string[] }

/** Only used for traces, because it costs more than everything else. */
export function readNames(type: string, capture: Capture): ResponseNames {
  const text = textOf(capture)
  const response = formOf(type, capture.head) === 'events' ? findEvent(text, ID, 'first') : parseJson(text)
  const first = Array.isArray(response) ? response[0] : response
  const finishReasons = new Set([...text.matchAll(FINISH)].flatMap(([, word, reason]) => word ?? reason ?? []))
  return { id: isObject(first) ? idIn(first) : undefined, finishReasons: [...finishReasons].slice(0, 10) }
}

const ID = /"(?:id|responseId)":\s*"/

/** By the field names of the protocols. A quoted word has backslashes. */
const FINISH = new RegExp(
  `"(?:${FINISH_REASON_FIELDS.join('|')})":\\s*"([^"\\\\]{1,100})"|"incomplete_details":\\s*\\{\\s*"reason":\\s*"([^"\\\\]{1,100})"`,
  'g',
)

function idIn(response: JsonObject): string | undefined {
  const places = [response, response['response'], response['message']].filter(isObject)
  return places.map((place) => place['id'] ?? place['responseId']).find((id) => typeof id === 'string')
}

const WHITESPACE = new Set(Buffer.from(' \t\r\n'))

/** Detects the format by the first bytes: not every gateway sends the right content type, or any. */
function formOf(type: string, head: Uint8Array): 'events' | 'json' | 'frames' {
  // Gateways send white space to keep a slow response alive.
  const first = head.find((byte) => !WHITESPACE.has(byte))
  if (first === 0x7b || first === 0x5b || first === undefined) return 'json'
  return /eventstream/.test(type) || head[0] === 0 ? 'frames' : 'events'
}

/**
 * Parses only the few events of a stream that carry usage or names.
 *
 * @param end the whole stream, or the part of its end that was kept
 */
function readEvents(head: string, end: string, isWhole: boolean): ResponseFacts {
  // Searches for plain words first, which is ten times as fast in a long text.
  const first = head.includes('message_start') ? findEvent(isWhole ? end : head, FIRST, 'first') : undefined
  const last = USAGE_WORDS.some((word) => end.includes(word)) ? findEvent(end, USAGE, 'last') : undefined
  const failed = end.includes('"error"') ? findEvent(end, ERROR, 'last') : undefined
  const started = first && factsOf(first)
  // An event that is longer than the part that was kept can't be parsed, so it is searched.
  const ended = last ? factsOf(last) : isWhole ? undefined : search('', end)
  const usage = started?.usage || ended?.usage ? { ...started?.usage, ...withoutNull(ended?.usage) } : undefined
  return {
    usage,
    model: started?.model ?? ended?.model ?? MODEL.exec(head)?.[1],
    error: failed && errorIn(failed),
  }
}

const FIRST = /"type":\s*"message_start"/
const USAGE_WORDS = ['"usage', '"billed_units"']
const USAGE = /"(?:usage|usageMetadata)":\s*\{|"billed_units":\s*\{/
const ERROR = /"error":\s*[{"]|"type":\s*"error"/

/** Maximum number of matching lines that are not JSON. With more, this is not a vendor's stream. */
const MAX_TRIES = 50

/** Parses the first or last event whose data matches. */
function findEvent(text: string, pattern: RegExp, which: 'first' | 'last'): JsonObject | undefined {
  if (!pattern.test(text)) return undefined
  let tries = 0
  for (const line of which === 'first' ? text.split(LINE_END) : linesFromEnd(text)) {
    if (!line.startsWith('data:') || !pattern.test(line)) continue
    const event = parseJson(line.slice(5))
    if (isObject(event)) return event
    if (++tries === MAX_TRIES) return undefined
  }
  return undefined
}

const LINE_END = /\r\n|\n|\r/

/** Iterates from the end, where the last events are. */
function* linesFromEnd(text: string): Generator<string> {
  for (let to = text.length; to > 0; ) {
    const at = text.lastIndexOf('\n', to - 1)
    yield* text
      .slice(at + 1, to)
      .split('\r')
      .reverse()
    to = at
  }
}

function factsOf(response: JsonObject): ResponseFacts {
  return { usage: usageIn(response), model: modelIn(response), error: errorIn(response) }
}

function modelIn(response: JsonObject): string | undefined {
  const places = [response, response['response'], response['message']].filter(isObject)
  return places.map((place) => place['model'] ?? place['modelVersion']).find((model) => typeof model === 'string')
}

/** OpenAI's Responses API reports a failure inside the response. */
function errorIn(event: JsonObject): unknown {
  const response = isObject(event['response']) ? event['response'] : {}
  return event['error'] ?? response['error'] ?? (event['type'] === 'error' ? event : undefined)
}

/** Finds the last usage object in text that can't be parsed as a whole: too long, or binary frames. */
function search(head: string, tail: string): ResponseFacts {
  const [found] = [...tail.matchAll(OBJECT)].slice(-1).concat([...head.matchAll(OBJECT)].slice(-1))
  const usage = parseJson(found?.[1] ?? '')
  const model = MODEL.exec(head)?.[1]
  return { ...NOTHING, usage: isObject(usage) ? usage : undefined, model }
}

const MODEL = /"model(?:Version)?":\s*"([^"\\]{1,200})"/

/** With two levels of nested objects; no vendor nests deeper. A quoted word has backslashes. */
const OBJECT = /"(?:usage|usageMetadata|metrics)":\s*(\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})/g

function withoutNull(usage: JsonObject = {}): JsonObject {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null))
}
