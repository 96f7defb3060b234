import type { z } from 'zod'

// ---- What goes in

/** Who says a message, as the page that this interface follows names it; the plain words do as well. */
export const AIChatRole = { SYSTEM: 'system', USER: 'user', ASSISTANT: 'assistant', TOOL: 'tool' } as const
/** Who says a message. */
export type AIChatRole = (typeof AIChatRole)[keyof typeof AIChatRole]

/** A message of a conversation. `completion.choices[0]` is one too: pushed onto the messages, it carries on. */
export type AIChatMessage =
  | { role: 'system'; content: string; cache?: AICacheHint | undefined }
  | { role: 'user'; content: string | AIContentPart[]; cache?: AICacheHint | undefined }
  | {
      role: 'assistant'
      content: string
      /** What the model thought: sent back to it unchanged, signatures included. */
      reasoning?: AIReasoning[] | undefined
      toolCalls?: AIToolCall[] | undefined
      refusal?: string | undefined
      phase?: AIChatPhase | undefined
      cache?: AICacheHint | undefined
    }
  | {
      role: 'tool'
      /** The id of the call that this is the result of. */
      toolCallId: string
      content: string | AIContentPart[]
      /** The tool failed, and the content says how. */
      isError?: boolean | undefined
      cache?: AICacheHint | undefined
    }

/** Everything up to here may be kept in the vendor's prompt cache: `short` about five minutes, `long` about an hour. */
export type AICacheHint = 'short' | 'long'

/** A part of a message: a text, an image or a document. What a model does not take is refused before the call. */
export type AIContentPart =
  | { type: 'text'; text: string }
  /** PNG, JPEG, GIF or WebP. */
  | { type: 'image'; image: AIFile | AIFrameworkFile }
  /** A PDF. */
  | { type: 'file'; file: AIFile | AIFrameworkFile }

/** A file by URL, which the vendor fetches, or by its bytes in base64. */
export type AIFile =
  | { url: string; mediaType?: string | undefined; filename?: string | undefined }
  | { base64: string; mediaType: string; filename?: string | undefined }

/** The `ApFile` of the pieces framework. */
export type AIFrameworkFile = { filename: string; data: Uint8Array; extension?: string | undefined }

/** A JSON schema (draft 2020-12). */
export type AIJsonSchema = { readonly [keyword: string]: unknown }

/** What a value has to be: a zod schema, or a JSON schema (then the value is `unknown`). */
export type AISchema<Value = unknown> = z.ZodType<Value> | AIJsonSchema

/** A tool that the model may call. */
export type AITool = {
  /** 1 to 64 letters, digits, `_` or `-`. */
  name: string
  /** What it does and when to use it: the model decides by this. */
  description?: string | undefined
  /** Its arguments, an object; absent: it has none. */
  parameters?: AISchema | undefined
}

/** Whether the model calls a tool: as it likes, at least one, none, or this one. */
export type AIToolChoice = 'auto' | 'any' | 'none' | { tool: string }

/** How much a model thinks before it answers; what it does not know is left out with a warning. */
export type AIReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/**
 * Limits in milliseconds, each at least 1. Absent: no limit. They hold even if the provider ignores its signal. The error
 * has the code `timeout` and names the limit that has passed.
 */
export type AITimeout = {
  /** Until the vendor begins to respond, for each attempt. */
  connect?: number | undefined
  /** Until the first event of a stream. Only for streams: any other call refuses it. */
  firstToken?: number | undefined
  /** Between two events of a stream. Only for streams: any other call refuses it. */
  idle?: number | undefined
  /** For the whole call: all attempts, and all steps and tools of `chat.run`. */
  total?: number | undefined
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
  reasoningEffort?: AIReasoningEffort | undefined
  /** The vendor's own search of the web helps with the answer; `unsupported` where it has none. */
  webSearch?: boolean | undefined
  tools?: AITool[] | undefined
  toolChoice?: AIToolChoice | undefined
  /** Whether one reply may call several tools; the vendor's default when absent. */
  parallelToolCalls?: boolean | undefined
  /** Fields of the vendor's own request, put into it as they are, last. */
  advancedOptions?: Record<string, unknown> | undefined
  /** Aborts the call, even if the provider ignores it. The vendor's connection is closed immediately. */
  signal?: AbortSignal | undefined
  timeout?: AITimeout | undefined
  /** How often a call that fails for a passing reason is tried again, 0 to 10; 2 when absent. Never after output. */
  retries?: number | undefined
}

/** Parameters of a call whose answer is a value. */
export type AIChatObjectParams<Value = unknown> = Omit<
  AIChatCompletionsCreateParams,
  'tools' | 'toolChoice' | 'parallelToolCalls'
> & {
  /** What the value has to be. */
  schema: AISchema<Value>
  /** What the value is, in one word; helps the model. `answer` when absent. */
  name?: string | undefined
}

/** A tool that `chat.run` runs itself. What `execute` gives goes to the model: a text as it is, anything else as JSON. */
export type AIRunnableTool = AITool & {
  /** Runs the tool; `args` have passed `parameters`. What it throws is told to the model as a failed call. */
  execute: (args: unknown, context: { toolCall: AIToolCall; signal: AbortSignal | undefined }) => unknown
}

/** Parameters of a loop over tools. */
export type AIChatRunParams = Omit<AIChatCompletionsCreateParams, 'tools'> & {
  tools: AIRunnableTool[]
  /** The most replies of the model, 1 to 100; 10 when absent. */
  maxSteps?: number | undefined
}

// ---- What an author gets: the parameters, checked and with everything resolved

/** A tool with its arguments as a JSON schema. */
export type AIToolDefinition = { name: string; description?: string | undefined; parameters: AIJsonSchema }

/** What a provider's `text` and `stream` get: schemas are JSON schemas, files are URLs or base64. */
export type AIChatRequest = Omit<AIChatCompletionsCreateParams, 'tools'> & {
  tools?: AIToolDefinition[] | undefined
  /** The answer has to be JSON of this schema, an object. Only for providers that declare `structuredOutput`. */
  responseSchema?: { name: string; schema: AIJsonSchema } | undefined
  /** Call it when the vendor begins to respond. It ends the `connect` limit, which lasts until the first output otherwise. */
  onConnect?: (() => void) | undefined
}

// ---- What comes out

/** Why a reply ended. `other` is whatever the vendor says besides; `rawFinishReason` has its word. */
export type AIFinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other'

/** A whole reply. */
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
  /** The pages that the answer rests on, each once, where the vendor searched the web and names them. */
  sources?: AISource[] | undefined
  usage: AIChatCompletionUsage
  /** What was left out or changed in the request, and why; empty when all went as asked. */
  warnings: AIWarning[]
}

/** A page that the vendor's search of the web found for an answer. */
export type AISource = {
  /** As the vendor gives it; Gemini's leads to the page over an address of its own. */
  url: string
  /** Absent where the vendor has none. */
  title?: string | undefined
}

/** An assistant message: push it onto the messages to go on with the conversation. */
export type AIChatChoice = {
  role: 'assistant'
  /** The text: all text blocks joined; `''` when there is none, and then `finishReason` says why. */
  content: string
  /** What the model thought, apart from the text, in the order in which it came. */
  reasoning?: AIReasoning[]
  toolCalls?: AIToolCall[]
  /** Why the model refused, in its words. */
  refusal?: string
  /** What the text is, where the vendor says so. */
  phase?: AIChatPhase
}

/** A word on the way to the answer, or the answer. Sent back with the message: models are worse without it. */
export type AIChatPhase = 'commentary' | 'final_answer'

/** A thought of the model, apart from what it says. */
export type AIReasoning = {
  /** May be empty: some vendors give the signature alone. */
  text: string
  /** The vendor's id of the thought, where it has one. */
  id?: string | undefined
  /** The vendor's seal on the thought, to be sent back unchanged. */
  signature?: string | undefined
  /** A thought that only the vendor can read, to be sent back unchanged. */
  encrypted?: string | undefined
  /** Whose seal it is, where there is one: `anthropic`, `openai` …; no other can read it, so it is left out elsewhere. */
  signedBy?: string | undefined
}

/** A tool that the model wants to be called; its result goes back as a message of the role `tool`. */
export type AIToolCall = {
  /** The vendor's id, or one made up where it gives none; unique within a reply. */
  id: string
  name: string
  /** The parsed arguments; `{}` for a call without any. */
  arguments: unknown
  /** The vendor's seal on the thought that led to the call, to be sent back unchanged; Gemini refuses calls without it. */
  signature?: string | undefined
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
  /** The same tokens in parts that do not overlap: the first three make the prompt, the last two the completion. */
  parts?: AIUsageParts | undefined
  /** The vendor's own usage object. */
  raw?: unknown
}

/** Tokens in parts that do not overlap; undefined where the vendor does not tell. */
export type AIUsageParts = {
  uncached: number | undefined
  cacheRead: number | undefined
  cacheWrite: number | undefined
  output: number | undefined
  reasoning: number | undefined
}

/** What a completion costs, in US dollars. */
export type AICost = {
  currency: 'USD'
  input: number
  output: number
  total: number
  /** The model whose price was taken: may be a near relative where the very one is not in the table. */
  pricedAs: string
}

/** What was left out of a request, changed in it, or came incomplete: nothing is dropped in silence. */
export type AIWarning = {
  type: 'left-out' | 'changed' | 'incomplete'
  /** The parameter or part that it is about, in our words. */
  parameter: string
  /** One sentence: what was done and why. */
  message: string
}

/** How a stream ended: the vendor said that it was done, its connection ended before, or the caller aborted. */
export type AICompleteness = 'complete' | 'truncated' | 'aborted'

/** An event of `chat.stream`: deltas, then exactly one `end`, which has the whole reply. */
export type AIChatStreamEvent =
  | AIChatStreamDelta
  | { type: 'end'; completeness: AICompleteness; completion: AIChatCompletion }

/** A piece of a reply on its way. A call comes as deltas of its arguments' text, then once whole as `tool-call`. */
export type AIChatStreamDelta =
  | { type: 'text-delta'; text: string }
  | { type: 'reasoning-delta'; text: string }
  | { type: 'tool-call-delta'; index: number; id: string; name: string; arguments: string }
  | { type: 'tool-call'; toolCall: AIToolCall }

/** A value that the model gave, and the completion that it came with. */
export type AIChatObject<Value> = { object: Value; completion: AIChatCompletion }

/** Objects grow: each partial one holds what has come so far and is not validated. The `end` is whole and valid. */
export type AIChatObjectEvent<Value> =
  | { type: 'partial-object'; object: unknown }
  | ({ type: 'end' } & AIChatObject<Value>)

/** An event of `chat.run`: those of each reply, the results of its tools, then exactly one `end`. */
export type AIChatRunEvent =
  | AIChatStreamDelta
  /** A tool has run; when it failed, `error` is what the model was told. */
  | { type: 'tool-result'; toolCall: AIToolCall; result?: unknown; error?: string }
  /** A reply of the model is whole, and its tools have run. */
  | { type: 'step-end'; step: number; completion: AIChatCompletion }
  | {
      type: 'end'
      /** `steps`: the limit was reached while the model still called tools. */
      completeness: AICompleteness | 'steps'
      completion: AIChatCompletion
      /** The whole conversation, ready for the next call. */
      messages: AIChatMessage[]
      /** Tokens of all steps together. */
      usage: AIChatCompletionUsage
    }

/** The exact request that a call would send, without sending it. */
export type AIExplanation = {
  method: string
  /** Below the vendor's base URL. */
  path: string
  body: unknown
  /** Each change that was made to the parameters, with its reason, e.g. `maxTokens → max_completion_tokens`. */
  changes: AIChange[]
}

/**
 * A change to the parameters of a call, and why. `renamed`: sent under the vendor's name. `note`: not sent,
 * because the vendor does it anyway. Neither is a warning; all others are.
 */
export type AIChange = { type: AIWarning['type'] | 'renamed' | 'note'; parameter: string; message: string }

// ---- What an author may leave out

/** A chat reply as an author may give it: the choices are enough, the rest is filled in. */
export type AIChatResponse = Partial<Omit<AIChatCompletion, 'choices' | 'usage'>> & {
  choices: (Partial<Omit<AIChatChoice, 'role' | 'content'>> & { role?: string; content: string | null })[]
  usage?: Partial<AIChatCompletionUsage> | null | undefined
}

/** A stream event as an author may give it: the end's completion is filled in like a reply. */
export type AIChatStreamPart =
  | AIChatStreamDelta
  | { type: 'end'; completeness: AICompleteness; completion: AIChatResponse }
