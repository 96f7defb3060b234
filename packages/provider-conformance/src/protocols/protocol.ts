import type { AIErrorCode, AIFinishReason, AIToolChoice } from '@activepieces/pieces-common'
import type { JsonObject } from '../targets/fake-vendor.ts'

/** What the vendor says in one reply, whatever its protocol. */
export type ReplyFixture = {
  /** A list: the deltas of a stream, and apart from it the blocks of a message where the protocol has blocks. */
  readonly text?: string | readonly string[]
  readonly reasoning?: { readonly text: string; readonly signature?: string }
  /** A thought that only the vendor can read. */
  readonly encryptedReasoning?: string
  readonly toolCalls?: readonly ToolCallFixture[]
  /** The places of tool calls are left out, and each comes in one piece, where the protocol lets them be. */
  readonly withoutIndex?: true
  readonly refusal?: string
  /** The protocol's own word; fits what is said when absent. */
  readonly finish?: string
  /** Nine prompt and four completion tokens when absent; null: the vendor does not tell. */
  readonly usage?: UsageFixture | null
  /** With everything that a client has to pass over: empty choices, pings, unknown events and fields. */
  readonly noise?: boolean
}

export type ToolCallFixture = {
  readonly id?: string
  readonly name: string
  /** JSON text; a list: the deltas of a stream. */
  readonly arguments: string | readonly string[]
}

/** Tokens; prompt and completion are all of them, the rest are parts of these. */
export type UsageFixture = {
  readonly prompt: number
  readonly completion: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

/** What was sent, read off the protocol: where a thing has its right place, only that place is looked at. */
export type DecodedRequest = {
  readonly system: readonly string[]
  /** All but system text, in order. */
  readonly turns: readonly { readonly role: string; readonly text: string }[]
  readonly temperature: unknown
  readonly maxTokens: unknown
  readonly stop: unknown
  readonly tools: readonly JsonObject[]
  readonly toolChoice: AIToolChoice | undefined
  /** Whether one reply may call several tools, where the request says so. */
  readonly parallel: unknown
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: unknown }[]
  readonly results: readonly { readonly id: string; readonly text: string; readonly failed: boolean }[]
  /** The schema that the answer has to have: asked for as such, or as a forced tool. */
  readonly schema: JsonObject | undefined
  /** URLs or base64. */
  readonly images: readonly string[]
  readonly files: readonly string[]
}

/** A kind of failure that this protocol can tell of. */
export type ErrorKind =
  | 'bad parameter'
  | 'context length'
  | 'content filter'
  | 'bad key'
  | 'payment'
  | 'permission'
  | 'model'
  | 'timeout'
  | 'conflict'
  | 'too large'
  | 'unprocessable'
  | 'too fast'
  | 'no credit'
  | 'server'
  | 'overloaded'
  | 'gateway timeout'

/** One way of fixture a failure. */
export type ErrorFixture = {
  readonly status: number
  readonly body: JsonObject
  /** What tells the kind, where the body does not. */
  readonly headers?: Readonly<Record<string, string>>
  /** The vendor's own words, which must reach the caller. */
  readonly message: string
  /** As an event in a stream; absent where the protocol never says it so. */
  readonly event?: string
}

/** How things are said on a protocol that several vendors speak. */
export type Protocol = {
  readonly name: string
  /** Whether a request is of this protocol. */
  readonly matches: (path: string, body: JsonObject) => boolean
  /** Whether a request asks for a stream; absent: its body says `stream: true`. */
  readonly asksForStream?: (path: string) => boolean
  /** The type of the SDK that a request has to be of. */
  readonly request: RequestType
  readonly encodePlain: (fixture: ReplyFixture) => JsonObject
  /** A stream, event by event; the last one is the terminator. */
  readonly encodeEvents: (fixture: ReplyFixture) => string[]
  /** How events leave that are no server-sent events: the suite writes them as such, and they are put into frames last. */
  readonly frames?: { readonly contentType: string; readonly encode: (events: string) => Buffer }
  /** What replies have in their headers. */
  readonly headers?: Readonly<Record<string, string>>
  readonly finishReasons: Readonly<Record<string, AIFinishReason>>
  readonly error: (kind: ErrorKind) => ErrorFixture
  readonly decodeRequest: (body: JsonObject) => DecodedRequest
  readonly features: ProtocolFeatures
}

/** What the protocol has at all. */
export type ProtocolFeatures = {
  /** It carries thoughts that are sealed. */
  readonly signatures: boolean
  readonly encryptedReasoning: boolean
  /** A tool call's place may be left out. */
  readonly callsWithoutIndex: boolean
  /** A tool call's id may be left out. */
  readonly callsWithoutId: boolean
  /** Usage tells how many tokens were thought. */
  readonly countsReasoning: boolean
  /** Arguments of a call come as text in a whole reply too. */
  readonly argumentsAsText: boolean
  /** They come as JSON and in one piece in a stream as well: what is no JSON cannot come. */
  readonly argumentsAsJson?: true
  /** The kind of a failure stands in a header: a body alone does not tell. */
  readonly errorTypeInHeader?: true
  /** The vendor may name a finish reason that is new. */
  readonly unknownFinish: boolean
  /** It has stop sequences. */
  readonly stop: boolean
  /** A call's maximum of tokens must be sent. */
  readonly requiresMaxTokens: boolean
  /** The vendors answer empty text with a 400. */
  readonly rejectsEmptyText: boolean
  /** A PDF may be named by its URL. */
  readonly pdfUrls: boolean
  /** The model refuses in its text, which nothing tells from an answer. */
  readonly refusesInText?: true
  /** Replies do not name the model that answered. */
  readonly omitsModel?: true
  /** A tool cannot be asked for by its name: it is sent alone, and some tool asked for. */
  readonly lacksNamedToolChoice?: true
}

export type RequestType = {
  /** The SDK's module that declares the type, as one imports it; or a file beside the protocol, where no SDK declares it. */
  readonly module: string
  readonly type: string
  /** Fields that are right though the type lacks them, each with its reason. */
  readonly extraFields: readonly { readonly field: string; readonly reason: string }[]
  /** Fields of a list's items that the type demands and the vendor does not. */
  readonly optionalFields?: readonly { readonly field: string; readonly of: string; readonly reason: string }[]
}

/** What each kind has to become. */
export const ERROR_CODES: Readonly<Record<ErrorKind, AIErrorCode>> = {
  'bad parameter': 'invalid-request',
  'context length': 'context-length',
  'content filter': 'content-filter',
  'bad key': 'authentication',
  payment: 'out-of-credit',
  permission: 'permission',
  model: 'model-not-found',
  timeout: 'timeout',
  conflict: 'conflict',
  'too large': 'too-large',
  unprocessable: 'invalid-request',
  'too fast': 'rate-limit',
  'no credit': 'out-of-credit',
  server: 'server-error',
  overloaded: 'overloaded',
  'gateway timeout': 'timeout',
}

export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  // SAFETY: what is no list is one value.
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T]
}

/** One server-sent event. */
export function event(data: JsonObject | string, name?: string): string {
  return `${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}
