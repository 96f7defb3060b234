import type { AIErrorCode, AIFinishReason, AIToolChoice } from '@activepieces/pieces-common'
import type { JsonObject } from '../targets/fake-vendor.ts'

/** Content of one reply, independent of the protocol. */
export type ReplyFixture = {
  /** A list is sent as deltas in a stream, and otherwise as blocks if the protocol has blocks. */
  readonly text?: string | readonly string[]
  readonly reasoning?: { readonly text: string; readonly signature?: string }
  /** Reasoning that only the vendor can read. */
  readonly encryptedReasoning?: string
  readonly toolCalls?: readonly ToolCallFixture[]
  /** Sends tool calls without an index and each in one delta, if the protocol allows it. */
  readonly withoutIndex?: true
  readonly refusal?: string
  /** The protocol's own finish reason. Default: the one that fits the content. */
  readonly finish?: string
  /** Default: nine prompt and four completion tokens. Null: the vendor does not report usage. */
  readonly usage?: UsageFixture | null
  /** Adds everything that a client must ignore: empty choices, pings, unknown events and fields. */
  readonly noise?: boolean
}

export type ToolCallFixture = {
  readonly id?: string
  readonly name: string
  /** JSON text. A list is sent as deltas in a stream. */
  readonly arguments: string | readonly string[]
}

/** Token counts. Prompt and completion are totals; the others are parts of them. */
export type UsageFixture = {
  readonly prompt: number
  readonly completion: number
  readonly cacheRead?: number
  readonly cacheWrite?: number
  readonly reasoning?: number
}

/** Content of a request, decoded from the protocol. Each value is read only from where the protocol defines it. */
export type DecodedRequest = {
  readonly system: readonly string[]
  /** Messages other than system text, in order. */
  readonly turns: readonly { readonly role: string; readonly text: string }[]
  readonly temperature: unknown
  readonly maxTokens: unknown
  readonly stop: unknown
  readonly tools: readonly JsonObject[]
  readonly toolChoice: AIToolChoice | undefined
  /** Whether the request allows several tool calls in one reply; undefined if it does not say. */
  readonly parallel: unknown
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: unknown }[]
  readonly results: readonly { readonly id: string; readonly text: string; readonly failed: boolean }[]
  /** Schema of the structured output, requested natively or as a forced tool. */
  readonly schema: JsonObject | undefined
  /** URLs or base64. */
  readonly images: readonly string[]
  readonly files: readonly string[]
}

/** Kind of error that a vendor returns. */
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

/** An error as a protocol encodes it. */
export type ErrorFixture = {
  readonly status: number
  readonly body: JsonObject
  /** Headers that carry the error type, if the body does not. */
  readonly headers?: Readonly<Record<string, string>>
  /** The vendor's message, which must reach the caller. */
  readonly message: string
  /** The error as an event in a stream; absent if the protocol never sends it that way. */
  readonly event?: string
}

/** Encodes replies and decodes requests of one wire format. */
export type Protocol = {
  readonly name: string
  /** Whether a request uses this protocol. */
  readonly matches: (path: string, body: JsonObject) => boolean
  /** Whether a request asks for a stream. Default: its body has `stream: true`. */
  readonly asksForStream?: (path: string) => boolean
  /** SDK type that a request must match. */
  readonly request: RequestType
  /** Encodes a response that is not streamed. */
  readonly encodePlain: (fixture: ReplyFixture) => JsonObject
  /** Encodes a stream as a list of events; the last one is the terminator. */
  readonly encodeEvents: (fixture: ReplyFixture) => string[]
  /** Encoding of streams that are not server-sent events. The suite writes server-sent events and encodes them last. */
  readonly frames?: { readonly contentType: string; readonly encode: (events: string) => Buffer }
  /** Response headers. */
  readonly headers?: Readonly<Record<string, string>>
  readonly finishReasons: Readonly<Record<string, AIFinishReason>>
  readonly error: (kind: ErrorKind) => ErrorFixture
  readonly decodeRequest: (body: JsonObject) => DecodedRequest
  readonly features: ProtocolFeatures
}

/** Features of the protocol. */
export type ProtocolFeatures = {
  /** Reasoning has signatures. */
  readonly signatures: boolean
  readonly encryptedReasoning: boolean
  /** A tool call's index may be missing. */
  readonly callsWithoutIndex: boolean
  /** A tool call's id may be missing. */
  readonly callsWithoutId: boolean
  /** Usage has the number of reasoning tokens. */
  readonly countsReasoning: boolean
  /** Arguments of a tool call are JSON text even when not streamed. */
  readonly argumentsAsText: boolean
  /** Arguments are a JSON value even in a stream, so they cannot be invalid JSON. */
  readonly argumentsAsJson?: true
  /** The error type is in a header, not in the body. */
  readonly errorTypeInHeader?: true
  /** The vendor may return unknown finish reasons. */
  readonly unknownFinish: boolean
  /** Supports stop sequences. */
  readonly stop: boolean
  /** Requests must have a maximum number of tokens. */
  readonly requiresMaxTokens: boolean
  /** Vendors reject empty text with status 400. */
  readonly rejectsEmptyText: boolean
  /** PDFs can be sent by URL. */
  readonly pdfUrls: boolean
  /** Refusals are ordinary text and cannot be detected. */
  readonly refusesInText?: true
  /** Responses do not name the model. */
  readonly omitsModel?: true
  /** A tool cannot be forced by name. Instead, only that tool is sent and any tool is required. */
  readonly lacksNamedToolChoice?: true
}

export type RequestType = {
  /** Import path of the SDK module that declares the type, or of a file in this package if no SDK declares it. */
  readonly module: string
  readonly type: string
  /** Valid fields that the type lacks, each with its reason. */
  readonly extraFields: readonly { readonly field: string; readonly reason: string }[]
  /** Fields of array items that the type requires and the vendor does not. */
  readonly optionalFields?: readonly { readonly field: string; readonly of: string; readonly reason: string }[]
}

/** Expected error code per kind. */
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
  // SAFETY: a value that is not an array is a single item.
  return value === undefined ? [] : Array.isArray(value) ? value : [value as T]
}

/** Formats a server-sent event. */
export function event(data: JsonObject | string, name?: string): string {
  return `${name ? `event: ${name}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
}
