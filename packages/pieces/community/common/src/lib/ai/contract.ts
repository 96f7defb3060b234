import type { AuthHeader } from './auth-header.ts'
import type { AiModel } from './model.ts'

// ---- What an author writes

/**
 * What a provider's factory returns. `{ provider, chat: { text } }` alone is a complete provider: everything optional
 * here is there for the caller all the same, derived from what the author gave.
 *
 * @typeParam SDK the vendor's official client, which callers reach through `sdk()`
 */
export type AI<SDK = unknown> = {
  /** The vendor's name, in capitals by custom: `'OPENAI'`. */
  readonly provider: string
  /** Loads the vendor's SDK and gives a client that talks to our proxy; called at most once by need. */
  readonly sdk?: () => Promise<SDK>
  readonly chat: AIChat
}

/** The chat of a provider, as its author writes it. */
export type AIChat = {
  /** One reply. Whatever it throws reaches the caller as an `AIError`. */
  readonly text: (params: AIChatCompletionsCreateParams) => Promise<AIChatReply>
  /** The reply as it comes. Absent: derived from `text`. */
  readonly stream?: (params: AIChatCompletionsCreateParams) => AsyncIterable<AIChatStreamPart>
}

/** Makes the AI of one vendor; written once a vendor, in `providers/`. Must be cheap: load the SDK when it is used. */
export type AIFactory<SDK = unknown> = (params: AIFactoryParams) => AI<SDK>

export type AIFactoryParams = {
  /** Where this vendor's API is found on our server, without a trailing slash: the base URL for its SDK. */
  serverUrl: string
  /** The only credential that a provider ever holds; our proxy puts the stored key in its place. */
  engineToken: string
}

/** One vendor in the registry. */
export type AiProviderMetadata = {
  /** Unique; what a piece stores and what stands in the proxy's path, e.g. `openai`. */
  readonly value: string
  readonly label: string
  readonly logoUrl: string
  /** Where the vendor's API is, without the version's path segment; a connection may name another. */
  readonly defaultBaseUrl: string
  readonly models: readonly AiModel[]
  readonly auth: AuthHeader
  readonly factory: AIFactory
  /** For the admin: where to get a key. */
  readonly instructionsMarkdown?: string
}

// ---- What goes in

export const AIChatRole = { SYSTEM: 'system', USER: 'user', ASSISTANT: 'assistant' } as const
export type AIChatRole = (typeof AIChatRole)[keyof typeof AIChatRole]

export type AIChatMessage = {
  role: AIChatRole
  content: string
}

/** Parameters of a chat call. Unknown ones are an error, absent ones are not sent. */
export type AIChatCompletionsCreateParams = {
  /** A model of the registry or any other id that the vendor knows. */
  model: string
  /** The whole conversation, oldest first; at least one message. */
  messages: AIChatMessage[]
  /** 0 (always the same) to 100 (as varied as the vendor allows): linear onto the vendor's temperature. */
  creativity?: number | undefined
  /** The most tokens that the reply may have, from 1. */
  maxTokens?: number | undefined
  /** The reply ends before any of these. */
  stop?: string[] | undefined
  /** Aborts the call; the vendor's connection is closed at once. */
  signal?: AbortSignal | undefined
}

// ---- What comes out

/** Why a reply ended. `other` is whatever the vendor says besides; `rawFinishReason` has its word. */
export type AIFinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other'

export type AIChatCompletion = {
  /** The vendor's id of the reply. */
  id: string
  /** Unix time in seconds. */
  created: number
  /** The model that answered, as the vendor names it: often more exact than the one asked for. */
  model: string
  /** One choice, unless the vendor was asked for more. */
  choices: AIChatChoice[]
  finishReason: AIFinishReason
  /** The vendor's own word for it. */
  rawFinishReason?: string | undefined
  /** All tool calls of the first choice, in order. */
  toolCalls: AIToolCall[]
  usage: AIChatCompletionUsage
  /** What was left out or changed in the request, and why; empty when all went as asked. */
  warnings: AIWarning[]
}

export type AIChatChoice = {
  role: 'assistant'
  /** The text: all text blocks joined; `''` when there is none, and then `finishReason` says why. */
  content: string
  /** What the model thought, apart from the text, in the order in which it came. */
  reasoning?: AIReasoning[]
  /** Why the model refused, in its words. */
  refusal?: string
}

export type AIReasoning = {
  /** May be empty: some vendors give the signature alone. */
  text: string
  /** The vendor's seal on the thought, to be sent back unchanged. */
  signature?: string
  /** A thought that only the vendor can read, to be sent back unchanged. */
  redacted?: string
}

export type AIToolCall = {
  /** The vendor's id, or one made up where it gives none; unique within a reply. */
  id: string
  name: string
  /** The parsed arguments; `{}` for a call without any. */
  arguments: unknown
}

/** Tokens. What the vendor does not tell is undefined, never 0. */
export type AIChatCompletionUsage = {
  /** All that was sent, cached parts included. */
  promptTokens: number | undefined
  /** All that was generated, reasoning included. */
  completionTokens: number | undefined
  totalTokens: number | undefined
  /** The part of the prompt that was read from the vendor's cache. */
  cacheReadTokens?: number | undefined
  /** The part of the prompt that was written to the vendor's cache. */
  cacheWriteTokens?: number | undefined
  /** The part of the completion that was thought and not said. */
  reasoningTokens?: number | undefined
  /** The vendor's own usage object. */
  raw?: unknown
}

export type AIWarning = {
  type: 'left-out' | 'changed' | 'incomplete'
  /** The parameter or part that it is about, in our words. */
  parameter: string
  /** One sentence: what was done and why. */
  message: string
}

/** How a stream ended: the vendor said that it was done, its connection ended before, or the caller aborted. */
export type AICompleteness = 'complete' | 'truncated' | 'aborted'

export type AIChatStreamEvent =
  | AIChatStreamDelta
  | { type: 'end'; completeness: AICompleteness; completion: AIChatCompletion }

export type AIChatStreamDelta =
  | { type: 'text-delta'; text: string }
  | { type: 'reasoning-delta'; text: string }
  | { type: 'tool-call-delta'; index: number; id: string; name: string; arguments: string }
  | { type: 'tool-call'; toolCall: AIToolCall }

/** A chat reply as an author may give it: the choices are enough, the rest is filled in. */
export type AIChatReply = Partial<Omit<AIChatCompletion, 'choices' | 'usage'>> & {
  choices: (Partial<Omit<AIChatChoice, 'role' | 'content'>> & { role?: string; content: string | null })[]
  usage?: Partial<AIChatCompletionUsage> | null | undefined
}

/** A stream event as an author may give it: the end's completion is filled in like a reply. */
export type AIChatStreamPart = AIChatStreamDelta | { type: 'end'; completeness: AICompleteness; completion: AIChatReply }

// ---- What a caller gets

/** The AI of one vendor as `AI({ provider, server })` gives it: every method is there. */
export type CompleteAI<SDK = unknown> = {
  readonly provider: string
  /**
   * The typed way out: the vendor's official client, loaded at the first call and pointed at our proxy.
   *
   * @throws AIError `unsupported` when the provider has no SDK
   */
  readonly sdk: () => Promise<SDK>
  readonly chat: {
    /** One whole reply. @throws AIError */
    readonly text: (params: AIChatCompletionsCreateParams) => Promise<AIChatCompletion>
    /** The reply as it comes: deltas, then exactly one `end` event. Errors throw, an abort ends. @throws AIError */
    readonly stream: (params: AIChatCompletionsCreateParams) => AsyncIterable<AIChatStreamEvent>
  }
}
