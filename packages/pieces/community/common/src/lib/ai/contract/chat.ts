import type { z } from 'zod'

// ---- Parameters

/** Role of a message. The plain strings work too. */
export const AIChatRole = { SYSTEM: 'system', USER: 'user', ASSISTANT: 'assistant', TOOL: 'tool' } as const
export type AIChatRole = (typeof AIChatRole)[keyof typeof AIChatRole]

/** A message of a conversation. Push `completion.choices[0]` onto the messages to continue it. */
export type AIChatMessage =
  | { role: 'system'; content: string; cache?: AICacheHint | undefined }
  | { role: 'user'; content: string | AIContentPart[]; cache?: AICacheHint | undefined }
  | {
      role: 'assistant'
      content: string
      /** Reasoning of the model; sent back unchanged, signatures included. */
      reasoning?: AIReasoning[] | undefined
      toolCalls?: AIToolCall[] | undefined
      refusal?: string | undefined
      phase?: AIChatPhase | undefined
      cache?: AICacheHint | undefined
    }
  | {
      role: 'tool'
      /** Id of the tool call that this is the result of. */
      toolCallId: string
      content: string | AIContentPart[]
      /** The tool failed; the content describes the error. */
      isError?: boolean | undefined
      cache?: AICacheHint | undefined
    }

/** Asks the vendor to cache the prompt up to here: `short` for about five minutes, `long` for about an hour. */
export type AICacheHint = 'short' | 'long'

/** A part of a message: text, an image or a document. Unsupported parts are refused before anything is sent. */
export type AIContentPart =
  | { type: 'text'; text: string }
  /** PNG, JPEG, GIF or WebP. */
  | { type: 'image'; image: AIFile | AIFrameworkFile }
  /** A PDF. */
  | { type: 'file'; file: AIFile | AIFrameworkFile }

/** A file: a URL that the vendor fetches, or its bytes in base64. */
export type AIFile =
  | { url: string; mediaType?: string | undefined; filename?: string | undefined }
  | { base64: string; mediaType: string; filename?: string | undefined }

/** The `ApFile` of the pieces framework. */
export type AIFrameworkFile = { filename: string; data: Uint8Array; extension?: string | undefined }

/** A JSON schema (draft 2020-12). */
export type AIJsonSchema = { readonly [keyword: string]: unknown }

/** Schema of a value: a zod schema, or a JSON schema (the value is then `unknown`). */
export type AISchema<Value = unknown> = z.ZodType<Value> | AIJsonSchema

/** A tool that the model may call. */
export type AITool = {
  /** 1 to 64 letters, digits, `_` or `-`. */
  name: string
  /** What the tool does and when to use it; the model decides by this text. */
  description?: string | undefined
  /** Schema of its arguments, an object. No arguments if absent. */
  parameters?: AISchema | undefined
}

/** Whether the model calls tools: if it wants to, at least one, none, or the named one. */
export type AIToolChoice = 'auto' | 'any' | 'none' | { tool: string }

/** How long a model reasons before it answers. An effort that the model does not have is dropped with a warning. */
export type AIReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/**
 * Timeouts in milliseconds, each at least 1; none by default. They apply even if the provider ignores its signal. The error
 * has the code `timeout` and names the timeout that was exceeded.
 */
export type AITimeout = {
  /** Until the vendor begins to respond, per attempt. */
  connect?: number | undefined
  /** Until the first event. Only for streams; other calls reject it. */
  firstToken?: number | undefined
  /** Between two events. Only for streams; other calls reject it. */
  idle?: number | undefined
  /** For the whole call, including retries and the steps and tools of `chat.run`. */
  total?: number | undefined
}

/** Parameters of a chat call. Unknown parameters are an error, absent ones are not sent. */
export type AIChatCompletionsCreateParams = {
  /** A model of the registry, or any other id that the provider serves. */
  model: string
  /** The conversation, oldest first; at least one message. */
  messages: AIChatMessage[]
  /** 0 (deterministic) to 100 (most varied); mapped linearly to the vendor's temperature. */
  creativity?: number | undefined
  /** Maximum number of tokens to generate, at least 1. */
  maxTokens?: number | undefined
  /** Sequences that end the completion; not included in it. */
  stop?: string[] | undefined
  reasoningEffort?: AIReasoningEffort | undefined
  /** Lets the model use the vendor's web search. @throws AIError `unsupported` if the vendor has none */
  webSearch?: boolean | undefined
  tools?: AITool[] | undefined
  toolChoice?: AIToolChoice | undefined
  /** Whether one completion may call several tools. Defaults to the vendor's default. */
  parallelToolCalls?: boolean | undefined
  /** Fields of the vendor's own request; merged into it unchanged, last. */
  advancedOptions?: Record<string, unknown> | undefined
  /** Aborts the call, even if the provider ignores the signal, and closes the vendor's connection. */
  signal?: AbortSignal | undefined
  timeout?: AITimeout | undefined
  /** Maximum number of retries after a temporary failure, 0 to 10. Defaults to 2. Never retries after output. */
  retries?: number | undefined
}

/** Parameters of a call that returns a structured value. */
export type AIChatObjectParams<Value = unknown> = Omit<
  AIChatCompletionsCreateParams,
  'tools' | 'toolChoice' | 'parallelToolCalls'
> & {
  /** Schema of the value. */
  schema: AISchema<Value>
  /** Name of the value, as a hint for the model. Defaults to `answer`. */
  name?: string | undefined
}

/** A tool that `chat.run` executes. The result goes to the model: strings unchanged, anything else as JSON. */
export type AIRunnableTool = AITool & {
  /** Runs the tool; `args` are validated against `parameters`. If it throws, the model gets the error as the result. */
  execute: (args: unknown, context: { toolCall: AIToolCall; signal: AbortSignal | undefined }) => unknown
}

/** Parameters of the tool loop. */
export type AIChatRunParams = Omit<AIChatCompletionsCreateParams, 'tools'> & {
  tools: AIRunnableTool[]
  /** Maximum number of completions, 1 to 100. Defaults to 10. */
  maxSteps?: number | undefined
}

// ---- What a provider receives: validated parameters

/** A tool with its arguments as a JSON schema. */
export type AIToolDefinition = { name: string; description?: string | undefined; parameters: AIJsonSchema }

/** Parameters of a provider's `text` and `stream`: all schemas are JSON schemas. */
export type AIChatRequest = Omit<AIChatCompletionsCreateParams, 'tools'> & {
  tools?: AIToolDefinition[] | undefined
  /** The completion must be JSON that matches this object schema. Only set if `structuredOutput` returns true. */
  responseSchema?: { name: string; schema: AIJsonSchema } | undefined
  /** Call when the vendor begins to respond. Ends the `connect` timeout, which otherwise lasts until the first output. */
  onConnect?: (() => void) | undefined
}

// ---- Results

/** Why a completion ended. `other` covers everything else; `rawFinishReason` has the vendor's word. */
export type AIFinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other'

/** A completion. */
export type AIChatCompletion = {
  /** The vendor's id of the completion. */
  id: string
  /** Unix time in seconds. */
  created: number
  /** The model that answered, in the vendor's words; often more specific than the requested one. */
  model: string
  /** One choice, unless `advancedOptions` asked for more. */
  choices: AIChatChoice[]
  finishReason: AIFinishReason
  /** The vendor's own finish reason. */
  rawFinishReason?: string | undefined
  /** Tool calls of the first choice, in order. */
  toolCalls: AIToolCall[]
  /** Pages that the vendor's web search cited, without duplicates. */
  sources?: AISource[] | undefined
  usage: AIChatCompletionUsage
  /** What was dropped or changed in the request, and why. */
  warnings: AIWarning[]
}

/** A page that a web search cited. */
export type AISource = {
  /** URL from the vendor; may redirect to the page. */
  url: string
  title?: string | undefined
}

/** An assistant message: push it onto the messages to continue the conversation. */
export type AIChatChoice = {
  role: 'assistant'
  /** All text blocks joined; `''` if there are none, and `finishReason` says why. */
  content: string
  /** Reasoning, separate from the text, in order. */
  reasoning?: AIReasoning[]
  toolCalls?: AIToolCall[]
  /** Why the model refused, in its own words. */
  refusal?: string
  /** Kind of text, if the vendor says so. */
  phase?: AIChatPhase
}

/** Whether a text is commentary or the final answer. Sent back with the message: models perform worse without it. */
export type AIChatPhase = 'commentary' | 'final_answer'

/** A part of the model's reasoning. */
export type AIReasoning = {
  /** May be empty: some vendors only return a signature. */
  text: string
  /** The vendor's id, if it has one. */
  id?: string | undefined
  /** The vendor's signature; sent back unchanged. */
  signature?: string | undefined
  /** Encrypted reasoning that only the vendor can read; sent back unchanged. */
  encrypted?: string | undefined
  /** The vendor that signed or encrypted it, e.g. `anthropic`. Other vendors cannot read it, so they do not get it. */
  signedBy?: string | undefined
}

/** A call of a tool; send its result back as a message with the role `tool`. */
export type AIToolCall = {
  /** The vendor's id, or a generated one; unique within a completion. */
  id: string
  name: string
  /** Parsed arguments; `{}` if there are none. */
  arguments: unknown
  /** The vendor's signature of the reasoning behind the call; sent back unchanged, because some vendors require it. */
  signature?: string | undefined
}

/** Token counts. A count that the vendor does not report is undefined, never 0. */
export type AIChatCompletionUsage = {
  /** All input tokens, including cached ones. */
  promptTokens: number | undefined
  /** All output tokens, including reasoning. */
  completionTokens: number | undefined
  totalTokens: number | undefined
  /** Input tokens read from the vendor's prompt cache. */
  cacheReadTokens?: number | undefined
  /** Input tokens written to the vendor's prompt cache. */
  cacheWriteTokens?: number | undefined
  /** Output tokens used for reasoning. */
  reasoningTokens?: number | undefined
  /** The same tokens in parts that do not overlap: three input parts and two output parts. */
  parts?: AIUsageParts | undefined
  /** The vendor's own usage object. */
  raw?: unknown
}

/** Tokens in parts that do not overlap. */
export type AIUsageParts = {
  uncached: number | undefined
  cacheRead: number | undefined
  cacheWrite: number | undefined
  output: number | undefined
  reasoning: number | undefined
}

/** Cost of a completion in US dollars. */
export type AICost = {
  currency: 'USD'
  input: number
  output: number
  total: number
  /** The model whose price was used; a close relative if the model itself is not in the price table. */
  pricedAs: string
}

/** Something that was dropped from a request, changed in it, or arrived incomplete. Nothing is dropped silently. */
export type AIWarning = {
  type: 'left-out' | 'changed' | 'incomplete'
  /** The affected parameter or part. */
  parameter: string
  /** What was done and why, in one sentence. */
  message: string
}

/** How a stream ended: the vendor finished it, the connection ended early, or the caller aborted. */
export type AICompleteness = 'complete' | 'truncated' | 'aborted'

/** An event of `chat.stream`: deltas, then exactly one `end` with the completion. */
export type AIChatStreamEvent =
  | AIChatStreamDelta
  | { type: 'end'; completeness: AICompleteness; completion: AIChatCompletion }

/** A part of a streamed completion. A tool call arrives as deltas of its arguments, then once as `tool-call`. */
export type AIChatStreamDelta =
  | { type: 'text-delta'; text: string }
  | { type: 'reasoning-delta'; text: string }
  | { type: 'tool-call-delta'; index: number; id: string; name: string; arguments: string }
  | { type: 'tool-call'; toolCall: AIToolCall }

/** A structured value and its completion. */
export type AIChatObject<Value> = { object: Value; completion: AIChatCompletion }

/** A partial object holds what has arrived so far and is not validated. The object of the `end` event is. */
export type AIChatObjectEvent<Value> =
  | { type: 'partial-object'; object: unknown }
  | ({ type: 'end' } & AIChatObject<Value>)

/** An event of `chat.run`: deltas, tool results, step ends, then exactly one `end`. */
export type AIChatRunEvent =
  | AIChatStreamDelta
  /** A tool has run. If it failed, `error` is what the model was told. */
  | { type: 'tool-result'; toolCall: AIToolCall; result?: unknown; error?: string }
  /** A completion has ended, and its tools have run. */
  | { type: 'step-end'; step: number; completion: AIChatCompletion }
  | {
      type: 'end'
      /** `steps`: `maxSteps` was reached while the model still called tools. */
      completeness: AICompleteness | 'steps'
      completion: AIChatCompletion
      /** The conversation, ready for the next call. */
      messages: AIChatMessage[]
      /** Tokens of all steps. */
      usage: AIChatCompletionUsage
    }

/** The exact request that a call would send. */
export type AIExplanation = {
  method: string
  /** Path below the vendor's base URL. */
  path: string
  body: unknown
  /** Every change that was made to the parameters, e.g. `maxTokens → max_completion_tokens`. */
  changes: AIChange[]
}

/**
 * A change to the parameters of a call, and why. `renamed`: sent under the vendor's name. `note`: not sent,
 * because the vendor does it anyway. These two are not warnings.
 */
export type AIChange = { type: AIWarning['type'] | 'renamed' | 'note'; parameter: string; message: string }

// ---- What a provider returns

/** A completion as a provider returns it. Only `choices` is required; the rest is filled in. */
export type AIChatResponse = Partial<Omit<AIChatCompletion, 'choices' | 'usage'>> & {
  choices: (Partial<Omit<AIChatChoice, 'role' | 'content'>> & { role?: string; content: string | null })[]
  usage?: Partial<AIChatCompletionUsage> | null | undefined
}

/** A stream event as a provider yields it. */
export type AIChatStreamPart =
  | AIChatStreamDelta
  | { type: 'end'; completeness: AICompleteness; completion: AIChatResponse }
