import { isDeepStrictEqual } from 'node:util'
import {
  AI,
  type AIChatCompletion,
  AIError,
  type AIModel,
  type AIServer,
  type AiProvider,
  AiProviders,
} from '@activepieces/pieces-common'
import { type Exchange, isOneReply } from './exchanges.ts'
import { EXPECTED, type Expected, eventsOf, isStream } from './expected.ts'
import { converseEventsOf } from './expected-converse.ts'
import { sourcesIn } from './expected-sources.ts'
import { MEDIA, type MediaReplay } from './media.ts'
import { type Cut, IMAGE_PATH } from './replay-server.ts'

/** Result of replaying one exchange. `problem` describes in one line what differs from the recording. */
export type Replay = { exchange: Exchange; cut: Cut; problem: string | undefined }

/** Destination of a replay's requests. */
export type ReplayTarget = {
  /** The `provider` to call, e.g. `openai` or `openai@slot-1`. */
  provider: string
  server: AIServer
  /** Sets the exchange that answers the next request. */
  put: (exchange: Exchange, cut: Cut) => void
  /** Returns the body of the last request; absent behind a proxy. */
  sent?: () => string
}

/** Longer than any retry, much shorter than the timeout of a test. */
const REPLAY_TIMEOUT_MS = 60_000

/** Returns the provider that replays an exchange; undefined if none can. */
export function providerOf(exchange: Exchange): AiProvider | undefined {
  const { vendor, api, method, path } = exchange
  if (method !== 'POST' || !isOneReply(exchange)) return undefined
  const own = AiProviders.find(({ value }) => value === vendor)?.value
  if (MEDIA[api]) return OTHER_MEDIA_API.test(`${vendor}${path}`) ? undefined : own
  return api === 'chat.completions' ? (own ?? 'openai-compatible') : CHAT_PROVIDERS[api]
}

/** Returns the provider that replays a chat exchange; undefined for other media, or if none can. */
export function chatProviderOf(exchange: Exchange): AiProvider | undefined {
  return MEDIA[exchange.api] ? undefined : providerOf(exchange)
}

/** Provider per chat API. */
const CHAT_PROVIDERS: Readonly<Record<string, AiProvider>> = {
  chat: 'cohere',
  converse: 'amazon-bedrock',
  'converse-stream': 'amazon-bedrock',
  generateContent: 'gemini',
  messages: 'anthropic',
  responses: 'openai',
  streamGenerateContent: 'gemini',
}

/** APIs that the library does not call: older versions, Ollama's native API, and embedding of single inputs. */
const OTHER_MEDIA_API =
  /^(?:cohere\/v1\/|gemini\/v1\/)|\/engines\/|\/deployments\/test-azure|\/api\/embed$|:embedContent|\/translations$/

/** Replays each exchange with each cut, concurrently on all targets. */
export async function replayAll(
  exchanges: readonly Exchange[],
  cuts: readonly Cut[],
  targets: readonly ReplayTarget[],
): Promise<Replay[]> {
  const jobs = exchanges.flatMap((exchange) => cuts.map((cut) => ({ exchange, cut })))
  const replays: Replay[] = []
  const work = async (target: ReplayTarget) => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      replays.push({ ...job, problem: await replay(job.exchange, job.cut, target) })
    }
  }
  await Promise.all(targets.map(work))
  return replays
}

async function replay(exchange: Exchange, cut: Cut, target: ReplayTarget): Promise<string | undefined> {
  const { provider, server, put } = target
  const media = MEDIA[exchange.api]
  if (media) return await replayMedia(media, exchange, cut, target)
  put(exchange, cut)
  const signal = AbortSignal.timeout(REPLAY_TIMEOUT_MS)
  const outcome = await ask(exchange, AI({ provider, server }), signal)
  if (signal.aborted) return 'the call did not finish'
  const reference = expectationOf(exchange)
  if ('fails' in reference) {
    if (!(outcome instanceof AIError)) return 'the error was returned as a completion'
    const { fails } = reference
    if (fails === undefined) return undefined // an error inside a 200 has no reliable status
    return outcome.status === fails ? undefined : `status ${outcome.status} instead of ${fails}`
  }
  if (outcome instanceof AIError) return `it threw ${outcome.code}: ${outcome.message.slice(0, 200)}`
  return difference(outcome, reference) ?? sourceDifference(outcome, exchange)
}

/** Replays a media exchange. Image URLs in the response are rewritten to the replay server. */
async function replayMedia(
  { call, expected }: MediaReplay,
  exchange: Exchange,
  cut: Cut,
  { provider, server, put, sent }: ReplayTarget,
): Promise<string | undefined> {
  const responseBody = exchange.responseBody.replace(/"https:[^"]+"/, `"${server.apiUrl}${IMAGE_PATH}"`)
  put(exchange.api === 'images' ? { ...exchange, responseBody } : exchange, cut)
  const outcome = await call(AI({ provider, server }), exchange).catch((thrown: unknown) => thrown)
  if (sent && exchange.path.endsWith(':batchEmbedContents')) {
    const request: unknown = JSON.parse(sent())
    if (!isDeepStrictEqual(request, exchange.requestBody)) return `sent ${short(request)}`
  }
  if (exchange.status >= 400) {
    if (!(outcome instanceof AIError)) return 'the error was returned as a result'
    const { status, code } = outcome
    const expected = CODES[exchange.status] ?? code
    return status === exchange.status && code === expected
      ? undefined
      : `it threw ${code} with status ${status} instead of ${expected} with ${exchange.status}`
  }
  if (outcome instanceof Error) return `it threw ${outcome.message.slice(0, 200)}`
  const expectedValue = expected(exchange)
  return isDeepStrictEqual(outcome, expectedValue)
    ? undefined
    : `got ${short(outcome)} instead of ${short(expectedValue)}`
}

/** Statuses with the same meaning for every vendor. */
const CODES: Record<number, string> = { 401: 'authentication', 404: 'model-not-found' }

async function ask(
  exchange: Exchange,
  ai: ReturnType<typeof AI>,
  signal: AbortSignal,
): Promise<AIChatCompletion | AIError> {
  const params = {
    model: modelFor(exchange),
    messages: [{ role: 'user' as const, content: 'Replay.' }],
    retries: 0, // a retry gets the same response, and some recordings ask for a wait of 30 seconds
    signal,
  }
  try {
    if (!isStream(exchange)) return await ai.chat.text(params)
    return await streamed(ai, params)
  } catch (error) {
    if (error instanceof AIError) return error
    throw error
  }
}

/** Returns a model that uses the recording's protocol, as the library chooses the protocol by model. */
export function modelFor({ api, model }: Exchange): string {
  const served = AiProviders.flatMap((entry): readonly AIModel[] => entry.models).find(
    (model) => 'protocol' in model && model.protocol === api,
  )
  return served?.value ?? model ?? 'unknown'
}

/** Returns the completion of a stream and verifies that the deltas add up to it. */
async function streamed(
  ai: ReturnType<typeof AI>,
  params: Parameters<typeof ai.chat.stream>[0],
): Promise<AIChatCompletion> {
  let text = ''
  for await (const event of ai.chat.stream(params)) {
    if (event.type === 'text-delta') text += event.text
    if (event.type !== 'end') continue
    const whole = event.completion.choices[0]?.content
    if (text !== whole) throw new Error(`the deltas "${text}" do not add up to the text "${whole}"`)
    return event.completion
  }
  throw new Error('the stream has no end event')
}

/** Statuses and finish reasons of responses without a completion. */
const WITHOUT_COMPLETION = new Set(['queued', 'in_progress', 'UNEXPECTED_TOOL_CALL'])

/** Returns what the caller should get for a recording: the completion, or an error with its status. */
export function expectationOf(exchange: Exchange): Expected | { fails: number | undefined } {
  const expected = recordedReply(exchange)
  const isEmpty = 'text' in expected && expected.text === '' && expected.toolCalls.length === 0
  return isEmpty && WITHOUT_COMPLETION.has(expected.finishReason ?? '') ? { fails: undefined } : expected
}

/** Like `expectationOf`, but a response without a completion is not an error, as for the proxy. */
export function recordedReply(exchange: Exchange): Expected | { fails: number | undefined } {
  if (exchange.status >= 400) return { fails: exchange.status }
  const reader = EXPECTED[exchange.api]
  if (!reader) throw new Error(`No reader for recordings of the API "${exchange.api}".`)
  if (!isStream(exchange)) {
    const body = JSON.parse(exchange.responseBody)
    return body.error ? { fails: undefined } : reader.plain(body)
  }
  const events = exchange.api === 'converse-stream' ? converseEventsOf(exchange) : eventsOf(exchange.responseBody)
  return events.some((event) => event.error) ? { fails: undefined } : reader.stream(events)
}

function difference(completion: AIChatCompletion, expected: Expected): string | undefined {
  const reasoning = completion.choices[0]?.reasoning ?? []
  const actual: Expected = {
    text: completion.choices[0]?.content ?? '',
    toolCalls: completion.toolCalls.map((call, index) => ({
      ...call,
      id: expected.toolCalls[index]?.id ? call.id : undefined,
    })),
    ...(expected.reasoning && {
      reasoning: {
        text: reasoning.map(({ text }) => text).join(''),
        signatures: reasoning.flatMap(({ signature }) => signature ?? []),
      },
    }),
    finishReason: completion.rawFinishReason,
    promptTokens: completion.usage.promptTokens,
    completionTokens: completion.usage.completionTokens,
  }
  for (const field of ['text', 'toolCalls', 'reasoning', 'finishReason', 'promptTokens', 'completionTokens'] as const) {
    if (isDeepStrictEqual(actual[field], expected[field] ?? undefined)) continue
    return `${field} is ${short(actual[field])} instead of ${short(expected[field])}`
  }
  return undefined
}

/** Compares the sources, which Converse and Cohere do not return. */
function sourceDifference({ sources = [] }: AIChatCompletion, exchange: Exchange): string | undefined {
  if (/^(converse|chat$)/.test(exchange.api)) return undefined
  const expected = [...sourcesIn(exchange)].sort()
  const actual = sources.map(({ url }) => url).sort()
  return isDeepStrictEqual(actual, expected) ? undefined : `sources are ${short(actual)} instead of ${short(expected)}`
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? 'undefined').slice(0, 300)
}
