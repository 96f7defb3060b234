import type {
  AIChatCompletionUsage,
  AIChatResponse,
  AIChatStreamDelta,
  AIFinishReason,
  AIReasoning,
  AIToolCall,
  AIWarning,
} from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../shared/json.ts'
import { addSource, type Sources, sourcesField } from '../shared/sources.ts'
import { table } from '../shared/table.ts'
import { addPartialArguments } from './partial-arguments.ts'

// ---- complete responses

/** Parses a complete response. @throws AIError for an error inside a 200 or an invalid response */
export function parse(reply: JsonObject): AIChatResponse {
  const state = emptyResponse()
  readChunk(state, reply)
  if (!state.received) throw new AIError({ code: 'invalid-reply', message: 'The response has no list of candidates.' })
  return toResponse(state)
}

// ---- streams

/**
 * Collects a streamed completion. There is no terminator: a finish reason completes the stream. It is still read to its end,
 * because with the vendor's own tools more may follow the first finish reason.
 */
export function collect(): ChatCollector {
  const state = emptyResponse()
  return {
    accept(event) {
      const data: unknown = event.data === '' ? {} : JSON.parse(event.data)
      const chunk: unknown = Array.isArray(data) ? data[0] : data // errors may arrive as a list
      return isObject(chunk) ? readChunk(state, chunk) : []
    },
    done: () => false,
    completeWithoutEnd: () => state.finish !== undefined,
    result: () => toResponse(state),
  }
}

// ---- what responses and streams share

type Call = {
  id: string
  name: string
  arguments: unknown
  signature: string | undefined
  /** More parts of the arguments will follow. */
  open: boolean
}

type CollectorState = {
  /** Whether anything valid has arrived. */
  received: boolean
  id: string | undefined
  model: string | undefined
  text: string
  reasoning: AIReasoning[]
  calls: Call[]
  sources: Sources
  /** The vendor's own finish reason. */
  finish: string | undefined
  /** The vendor's message about it. */
  finishMessage: string | undefined
  /** The prompt was blocked: there is no candidate. */
  blocked: boolean
  usage: JsonObject | undefined
}

function emptyResponse(): CollectorState {
  return {
    received: false,
    id: undefined,
    model: undefined,
    text: '',
    reasoning: [],
    calls: [],
    sources: new Map(),
    finish: undefined,
    finishMessage: undefined,
    blocked: false,
    usage: undefined,
  }
}

function readChunk(state: CollectorState, chunk: JsonObject): AIChatStreamDelta[] {
  if (chunk['error']) throw errorInResponse(chunk['error'])
  state.id = textAt(chunk, 'responseId') ?? state.id
  state.model = textAt(chunk, 'modelVersion') ?? state.model
  const usage = chunk['usageMetadata']
  if (isObject(usage)) state.usage = { ...state.usage, ...usage } // cumulative: later counts replace earlier ones
  readBlock(state, objectAt(chunk, 'promptFeedback'))
  const candidate = listAt(chunk, 'candidates')[0]
  if (!candidate) return []
  state.received = true
  state.finish = finishReasonIn(candidate['finishReason']) ?? state.finish
  state.finishMessage = textAt(candidate, 'finishMessage') ?? state.finishMessage
  for (const { web } of listAt(objectAt(candidate, 'groundingMetadata'), 'groundingChunks')) {
    if (isObject(web)) addSource(state.sources, textAt(web, 'uri'), textAt(web, 'title'))
  }
  return listAt(objectAt(candidate, 'content'), 'parts').flatMap((part) => readPart(state, part))
}

/** Reads why the prompt was blocked; there are no candidates then. */
function readBlock(state: CollectorState, feedback: JsonObject) {
  const reason = finishReasonIn(feedback['blockReason'])
  if (reason === undefined) return
  state.received = true
  state.blocked = true
  state.finish = reason
  state.finishMessage = textAt(feedback, 'blockReasonMessage') ?? `The prompt was blocked: ${reason}.`
}

/** Reads the finish reason: a string, or a number on Vertex's transcoded gRPC. 0 is "unspecified" and ends nothing. */
function finishReasonIn(value: unknown): string | undefined {
  return (typeof value === 'string' && value !== '') || (typeof value === 'number' && value > 0)
    ? String(value)
    : undefined
}

/** Ignores parts of the vendor's own tools, such as executed code. */
function readPart(state: CollectorState, part: JsonObject): AIChatStreamDelta[] {
  const signature = textAt(part, 'thoughtSignature')
  if (isObject(part['functionCall'])) return readCall(state, part['functionCall'], signature)
  if (typeof part['text'] !== 'string') return []
  const text = part['text']
  if (part['thought'] === true) {
    addReasoning(state.reasoning, text, signature)
    return text === '' ? [] : [{ type: 'reasoning-delta', text }]
  }
  // The signature may be on the text, or on an empty text at the end; it belongs to the reasoning.
  if (signature !== undefined) state.reasoning.push({ text: '', signature })
  state.text += text
  return text === '' ? [] : [{ type: 'text-delta', text }]
}

/** Joins pieces of reasoning until the signature arrives. */
function addReasoning(reasoning: AIReasoning[], text: string, signature: string | undefined) {
  const last = reasoning.at(-1)
  const open = last?.signature === undefined ? last : undefined
  if (!open) reasoning.push({ text, ...(signature !== undefined && { signature }) })
  else reasoning.splice(-1, 1, { text: open.text + text, ...(signature !== undefined && { signature }) })
}

/** Calls arrive complete, or with `streamFunctionCallArguments` in parts, of which only the first has a name. */
function readCall(state: CollectorState, raw: JsonObject, signature: string | undefined): AIChatStreamDelta[] {
  const last = state.calls.at(-1)
  const name = textAt(raw, 'name')
  const call = name !== undefined ? addCall(state, raw, name, signature) : last?.open ? last : undefined
  if (!call) return []
  call.arguments = addPartialArguments(call.arguments, listAt(raw, 'partialArgs'))
  call.open = raw['willContinue'] === true
  if (call.open) return []
  const index = state.calls.indexOf(call)
  const { id } = call
  const text = JSON.stringify(call.arguments)
  return [
    { type: 'tool-call-delta', index, id, name: call.name, arguments: text },
    { type: 'tool-call', toolCall: toToolCall(call) },
  ]
}

/** Most calls have no id; it is generated from the response id to be unique in a conversation. */
function addCall(
  { calls, id: replyId }: CollectorState,
  raw: JsonObject,
  name: string,
  signature: string | undefined,
): Call {
  const given = textAt(raw, 'id')
  const taken = calls.some(({ id }) => id === given)
  const id = given === undefined || taken ? `${given ?? replyId ?? 'call'}_${calls.length}` : given
  const call = { id, name, arguments: raw['args'] ?? {}, signature, open: false }
  calls.push(call)
  return call
}

function toToolCall({ id, name, arguments: args, signature }: Call): AIToolCall {
  return { id, name, arguments: args, ...(signature !== undefined && { signature }) }
}

// ---- result

function toResponse(state: CollectorState): AIChatResponse {
  const { id, model, text, calls, finish, finishMessage, usage } = state
  const reasoning = state.reasoning.map(
    (thought): AIReasoning => (thought.signature === undefined ? thought : { ...thought, signedBy: 'gemini' }),
  )
  const isComplete = calls.filter((call) => !call.open)
  const finishReason = finishReasonOf(state)
  const refusal = finishReason === 'content-filter' ? finishMessage : undefined
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    choices: [
      {
        role: 'assistant',
        content: text,
        ...(reasoning.length > 0 && { reasoning }),
        ...(refusal !== undefined && { refusal }),
      },
    ],
    finishReason,
    rawFinishReason: finish,
    toolCalls: isComplete.map(toToolCall),
    ...sourcesField(state.sources),
    usage: usage && parseUsage(usage),
    warnings: warningsOf(state, finishReason),
  }
}

/** Tool calls take precedence over the vendor's finish reason, which is STOP. */
function finishReasonOf({ finish, blocked, calls }: CollectorState): AIFinishReason {
  if (blocked) return 'content-filter'
  const known = FINISH_REASONS[finish ?? ''] ?? 'other'
  return known === 'stop' && calls.some((call) => !call.open) ? 'tool-calls' : known
}

/**
 * Numbers are those with the same meaning in the Gemini API and Vertex.
 *
 * @see https://ai.google.dev/api/generate-content#FinishReason
 */
const FINISH_REASONS: Record<string, AIFinishReason> = table({
  STOP: 'stop',
  1: 'stop',
  MAX_TOKENS: 'length',
  2: 'length',
  SAFETY: 'content-filter',
  3: 'content-filter',
  RECITATION: 'content-filter',
  4: 'content-filter',
  BLOCKLIST: 'content-filter',
  7: 'content-filter',
  PROHIBITED_CONTENT: 'content-filter',
  8: 'content-filter',
  SPII: 'content-filter',
  MODEL_ARMOR: 'content-filter',
  IMAGE_SAFETY: 'content-filter',
  IMAGE_PROHIBITED_CONTENT: 'content-filter',
  IMAGE_RECITATION: 'content-filter',
})

/** Warns about calls that the vendor rejected or that were truncated. */
function warningsOf({ finish, finishMessage, calls }: CollectorState, finishReason: AIFinishReason): AIWarning[] {
  const told = finishReason === 'other' && finishMessage !== undefined
  const cut = calls.filter((call) => call.open)
  return [
    ...(told ? [incomplete(finish?.includes('CALL') ? 'toolCalls' : 'content', `${finish}: ${finishMessage}`)] : []),
    ...cut.map(({ name }) => incomplete('toolCalls', `The call of "${name}" was cut off and is left out.`)),
  ]
}

function incomplete(parameter: string, message: string): AIWarning {
  return { type: 'incomplete', parameter, message }
}

/**
 * Reasoning is counted separately from the output, and results of the vendor's own tools separately from the prompt; cached
 * tokens are part of the prompt.
 */
export function parseUsage(usage: JsonObject): AIChatCompletionUsage {
  const promptTokens = sum(numberAt(usage, 'promptTokenCount'), numberAt(usage, 'toolUsePromptTokenCount'))
  const reasoningTokens = numberAt(usage, 'thoughtsTokenCount')
  const completionTokens = sum(numberAt(usage, 'candidatesTokenCount'), reasoningTokens)
  return {
    promptTokens,
    completionTokens,
    totalTokens: numberAt(usage, 'totalTokenCount') ?? both(promptTokens, completionTokens),
    cacheReadTokens: numberAt(usage, 'cachedContentTokenCount'),
    reasoningTokens,
    raw: usage,
  }
}

/** Sums what is known of the two. */
function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : one + (other ?? 0)
}

function both(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other
}
