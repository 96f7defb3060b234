import type { UsageOperation } from '@activepieces/contract'
import type { MeteredCall } from '../proxy/meter.ts'
import type { Capture } from './capture.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import { textOf } from './read-reply.ts'

/** What a call will use, as far as its request tells, in tokens. */
export type RequestEstimate = {
  readonly promptTokens: number
  /** What the request allows; without a limit in the request, what is set aside for such a call. */
  readonly completionTokens: number
  /** Without a limit, a call may start when this much can be paid. */
  readonly leastCompletionTokens: number
}

/** Text has about four bytes for each token. */
const BYTES_PER_TOKEN = 4

/** Images and recordings have far more bytes than tokens. Each counts as at least this many tokens. */
const MEDIA_BYTES_PER_TOKEN = 100
const MIN_MEDIA_TOKENS = 2_000

/** No model reads a longer prompt. */
const MAX_PROMPT_TOKENS = 1_000_000

/** A prompt of unknown length, in tokens. */
const DEFAULT_PROMPT_TOKENS = 100_000

/** Completion tokens of a request without a limit; images: each, in the largest size and the best quality. */
const DEFAULT_COMPLETION_TOKENS: Partial<Record<UsageOperation, number>> = {
  embeddings: 0,
  moderation: 0,
  image: 6_500,
}
const OTHER_COMPLETION_TOKENS = 4_096
const LEAST_COMPLETION_TOKENS = 1_000

/** Spoken, a text has about this many times its tokens. */
const SPEECH_TOKENS_PER_TOKEN = 8

/** More completions than this no vendor makes in one call. */
const MAX_COMPLETIONS = 128

/** Estimates a call from its request: pure, and cheap enough to run before each call of a project with a budget. */
export function estimateRequest(
  call: Pick<MeteredCall, 'headers' | 'body' | 'bodyIsWhole'>,
  operation: UsageOperation,
): RequestEstimate {
  const body = jsonOf(call)
  const promptTokens = Math.min(MAX_PROMPT_TOKENS, Math.max(1, promptTokensOf(call, body)))
  const completions = body ? countOf(body) : 1
  const limit = body && maxTokensOf(body)
  if (limit !== undefined) {
    const completionTokens = limit * completions
    return { promptTokens, completionTokens, leastCompletionTokens: completionTokens }
  }
  const usual =
    operation === 'speech'
      ? Math.max(LEAST_COMPLETION_TOKENS, SPEECH_TOKENS_PER_TOKEN * promptTokens)
      : (DEFAULT_COMPLETION_TOKENS[operation] ?? OTHER_COMPLETION_TOKENS)
  const completionTokens = usual * completions
  const leastCompletionTokens = Math.min(usual, LEAST_COMPLETION_TOKENS) * completions
  return { promptTokens, completionTokens, leastCompletionTokens }
}

/**
 * Estimates a completion from the bytes that came.
 *
 * @param bytes of the whole response: what was not kept is taken to be like what was
 * @returns tokens; undefined where no text is recognized
 */
export function estimateCompletion(capture: Capture, bytes: number): number | undefined {
  let tokens = 0
  for (const [, text = ''] of textOf(capture).matchAll(GENERATED)) {
    // A piece of a stream is at least one token.
    if (text !== '') tokens += Math.max(1, Buffer.byteLength(text) / BYTES_PER_TOKEN)
  }
  if (tokens === 0) return undefined
  const kept = capture.head.length + capture.tail.length
  return Math.ceil(capture.isWhole || bytes <= kept ? tokens : (tokens * bytes) / kept)
}

/** What models write, under the names that the protocols have for it; the last one may be cut off. */
const GENERATED =
  /"(?:content|text|delta|refusal|reasoning|reasoning_content|thinking|thought|partial_json|arguments|transcript)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)/gs

/** The body as an object. A large body of unknown length may still have come whole in its first piece. */
function jsonOf({ headers, body, bodyIsWhole }: Pick<MeteredCall, 'headers' | 'body' | 'bodyIsWhole'>) {
  if (body === null || !(bodyIsWhole || headers['content-length'] === undefined)) return undefined
  const parsed = parseJson(body.toString())
  return isObject(parsed) ? parsed : undefined
}

/** The largest completion that a request allows: a request can carry the limits of several protocols. */
function maxTokensOf(body: JsonObject): number | undefined {
  const places = [body, body['generationConfig'], body['inferenceConfig']].filter(isObject)
  const limits = places.flatMap((place) => MAX_TOKENS.map((name) => place[name])).filter(isCount)
  return limits.length === 0 ? undefined : Math.max(...limits)
}

const MAX_TOKENS = ['max_completion_tokens', 'max_output_tokens', 'max_tokens', 'maxOutputTokens', 'maxTokens']

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
    else if (isObject(value)) open.push(...Object.entries(value))
  }
  return lengths
}

const MIN_MEDIA_LENGTH = 1_024
const ENCODED = /^(?:data:[^,"]{0,200};base64,)?[\w+/-]+=*$/
const TEXT_FIELDS = new Set(
  'text content input inputs inputText prompt system instructions arguments message query documents texts'.split(' '),
)

/** The same for the beginning of a large request: what follows is taken to be as its end. */
function mediaInPart(body: Buffer, length: number): number[] {
  const text = body.toString('latin1')
  const runs = [...text.matchAll(/[\w+/-]{1024,}/g)]
  const last = runs.at(-1)
  const goesOn = last !== undefined && last.index + last[0].length === text.length
  return runs.map((run) => run[0].length + (goesOn && run === last ? length - body.length : 0))
}
