import type { UsageOperation } from '@activepieces/contract'
import type { MeteredCall } from '../meter.ts'
import type { Capture } from './capture.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import { textOf } from './read-response.ts'

/** Estimated usage of a call, in tokens, from its request. */
export type RequestEstimate = {
  readonly promptTokens: number
  /** The largest completion that the request allows; a default if the request has no limit. */
  readonly completionTokens: number
  /** A call without a limit may start if the budget covers this many. */
  readonly minCompletionTokens: number
}

/** Average bytes of text per token. */
const BYTES_PER_TOKEN = 4

/** Images and recordings have far more bytes than tokens. Minimum tokens for each. */
const MEDIA_BYTES_PER_TOKEN = 100
const MIN_MEDIA_TOKENS = 2_000

/** Longest prompt that any model accepts, in tokens. */
const MAX_PROMPT_TOKENS = 1_000_000

/** A prompt of unknown length, in tokens. */
const DEFAULT_PROMPT_TOKENS = 100_000

/** Completion tokens of a request without a limit. For images: tokens per image, at the largest size and best quality. */
const DEFAULT_COMPLETION_TOKENS: Partial<Record<UsageOperation, number>> = {
  embeddings: 0,
  moderation: 0,
  image: 6_500,
}
const OTHER_COMPLETION_TOKENS = 4_096
const MIN_COMPLETION_TOKENS = 1_000

/** Speech has about this many times the tokens of its text. */
const SPEECH_TOKENS_PER_TOKEN = 8

/** Most completions that any vendor generates in one call. */
const MAX_COMPLETIONS = 128

/** Estimates a call from its request: pure, and cheap enough to run before each call of a project with a budget. */
export function estimateRequest(
  call: Pick<MeteredCall, 'path' | 'headers' | 'body' | 'bodyIsWhole'>,
  operation: UsageOperation,
): RequestEstimate {
  const body = jsonOf(call)
  const promptTokens = Math.min(MAX_PROMPT_TOKENS, Math.max(1, promptTokensOf(call, body)))
  const completions = body ? countOf(body) : 1
  const limit = body && maxTokensOf(body, call.path)
  if (limit !== undefined) {
    const completionTokens = limit * completions
    return { promptTokens, completionTokens, minCompletionTokens: completionTokens }
  }
  const usual =
    operation === 'speech'
      ? Math.max(MIN_COMPLETION_TOKENS, SPEECH_TOKENS_PER_TOKEN * promptTokens)
      : (DEFAULT_COMPLETION_TOKENS[operation] ?? OTHER_COMPLETION_TOKENS)
  const completionTokens = usual * completions
  const minCompletionTokens = Math.min(usual, MIN_COMPLETION_TOKENS) * completions
  return { promptTokens, completionTokens, minCompletionTokens }
}

/**
 * Estimates the tokens of a completion from the bytes received.
 *
 * @param bytes size of the whole response; dropped bytes are assumed to be like the kept ones
 * @returns tokens; undefined where no text is recognized
 */
export function estimateCompletion(capture: Capture, bytes: number): number | undefined {
  let tokens = 0
  for (const [, text = ''] of textOf(capture).matchAll(GENERATED)) {
    // A chunk of a stream is at least one token.
    if (text !== '') tokens += Math.max(1, Buffer.byteLength(text) / BYTES_PER_TOKEN)
  }
  if (tokens === 0) return undefined
  const kept = capture.head.length + capture.tail.length
  return Math.ceil(capture.isWhole || bytes <= kept ? tokens : (tokens * bytes) / kept)
}

/** Generated text, by the protocols' field names. The last match may be truncated. */
const GENERATED =
  /"(?:content|text|delta|refusal|reasoning|reasoning_content|thinking|thought|partial_json|arguments|transcript)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)/gs

/** The body as an object. A large body of unknown length may still have arrived completely in its first chunk. */
function jsonOf({ headers, body, bodyIsWhole }: Pick<MeteredCall, 'headers' | 'body' | 'bodyIsWhole'>) {
  if (body === null || !(bodyIsWhole || headers['content-length'] === undefined)) return undefined
  const parsed = parseJson(body.toString())
  return isObject(parsed) ? parsed : undefined
}

/** The largest completion that a request allows. Only the fields that its API reads count: others can hold any number. */
function maxTokensOf(body: JsonObject, path: string): number | undefined {
  const [plain = ''] = path.split('?', 1)
  const [, place, names] = LIMIT_FIELDS.find(([api]) => api.test(plain)) ?? OTHER_LIMIT_FIELDS
  const fields = place === undefined ? body : body[place]
  if (!isObject(fields)) return undefined
  // Some APIs take a number in a string. Zero means no limit to some, and is refused by the others.
  const limits = names.map((name) => Number(fields[name])).filter((limit) => Number.isSafeInteger(limit) && limit > 0)
  return limits.length === 0 ? undefined : Math.max(...limits)
}

type LimitFields = readonly [api: RegExp, place: string | undefined, names: readonly string[]]

const LIMIT_FIELDS: readonly LimitFields[] = [
  [/\/responses$/, undefined, ['max_output_tokens']],
  [/:(streamG|g)enerateContent$/, 'generationConfig', ['maxOutputTokens']],
  [/\/converse(-stream)?$/, 'inferenceConfig', ['maxTokens']],
]
const OTHER_LIMIT_FIELDS: LimitFields = [/./, undefined, ['max_completion_tokens', 'max_tokens']]

/** How many completions or images a request asks for. */
function countOf(body: JsonObject): number {
  const places = [body, body['generationConfig'], body['parameters']].filter(isObject)
  const counts = places.flatMap((place) => COUNTS.map((name) => place[name])).filter(isCount)
  return Math.min(MAX_COMPLETIONS, Math.max(1, ...counts))
}

const COUNTS = ['n', 'best_of', 'candidateCount', 'sampleCount']

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

function promptTokensOf({ headers, body }: Pick<MeteredCall, 'headers' | 'body'>, json: JsonObject | undefined) {
  if (body === null) return 0
  const length = Number(headers['content-length'] ?? body.length)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return length
  if (json) return tokensIn(body.length, mediaIn(json))
  const first = body[0]
  const isJson = first === 0x7b || first === 0x5b
  if (!isJson) return /^text\//.test(String(headers['content-type'])) ? length / BYTES_PER_TOKEN : mediaTokens(length)
  if (headers['content-length'] === undefined) return DEFAULT_PROMPT_TOKENS
  return tokensIn(length, mediaInPart(body, length))
}

function tokensIn(bytes: number, media: readonly number[]): number {
  const mediaBytes = media.reduce((sum, one) => sum + one, 0)
  const text = Math.ceil((bytes - mediaBytes) / BYTES_PER_TOKEN)
  return media.reduce((sum, one) => sum + mediaTokens(one), text)
}

function mediaTokens(bytes: number): number {
  return Math.max(MIN_MEDIA_TOKENS, Math.ceil(bytes / MEDIA_BYTES_PER_TOKEN))
}

/** Lengths of the encoded images and files of a request. The fields that carry text never count as such. */
function mediaIn(body: JsonObject): number[] {
  const lengths: number[] = []
  const open: (readonly [key: string, value: unknown])[] = [['', body]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [key, value] = next
    if (typeof value === 'string') {
      if (value.length >= MIN_MEDIA_LENGTH && !TEXT_FIELDS.has(key) && ENCODED.test(value)) lengths.push(value.length)
    } else if (Array.isArray(value)) for (const one of value) open.push([key, one])
    else if (isObject(value)) for (const entry of Object.entries(value)) open.push(entry)
  }
  return lengths
}

const MIN_MEDIA_LENGTH = 1_024
const ENCODED = /^(?:data:[^,"]{0,200};base64,)?[\w+/-]+=*$/
const TEXT_FIELDS = new Set(
  'text content input inputs inputText prompt system instructions arguments message query documents texts'.split(' '),
)

/** The same for the beginning of a large request; assumes that the rest is like the end of that beginning. */
function mediaInPart(body: Buffer, length: number): number[] {
  const text = body.toString('latin1')
  const runs = [...text.matchAll(/[\w+/-]{1024,}/g)]
  const last = runs.at(-1)
  const goesOn = last !== undefined && last.index + last[0].length === text.length
  return runs.map((run) => run[0].length + (goesOn && run === last ? length - body.length : 0))
}
