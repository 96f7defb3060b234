import type { AIChatCompletionUsage, AIChatResponse, AIChatStreamDelta, AIFinishReason } from '../../contract/chat.ts'
import type { AIErrorCode } from '../../contract/errors.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../shared/json.ts'
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'

// ---- complete responses

/** Parses a complete response. @throws AIError for an error inside a 200, a missing message or invalid tool arguments */
export function parse(reply: JsonObject): AIChatResponse {
  if (!isObject(reply['message'])) {
    if (reply['error'] ?? reply['message']) throw failure(reply['error'] ?? reply)
    throw new AIError({ code: 'invalid-reply', message: 'The response has no message.' })
  }
  const state = emptyResponse()
  state.id = textAt(reply, 'id')
  const message = reply['message']
  for (const part of listAt(message, 'content')) readPart(state, part)
  state.plan = textAt(message, 'tool_plan') ?? ''
  for (const [index, call] of listAt(message, 'tool_calls').entries()) startCall(state, index, call)
  readEnd(state, reply)
  if (failedAt(reply)) throw failure(failedAt(reply), state)
  return toResponse(state, true)
}

// ---- streams

/** Collects a streamed completion. The last event is `message-end`; some gateways omit the `[DONE]` after it. */
export function collect(): ChatCollector {
  const state = emptyResponse()
  let done = false
  return {
    accept(event) {
      const data: unknown = event.data === '' || event.data === '[DONE]' ? {} : JSON.parse(event.data)
      if (!isObject(data)) return []
      const type = textAt(data, 'type') ?? event.event
      if (data['error'] || type === 'error' || (type === '' && textAt(data, 'message')))
        throw failure(data['error'] ?? data)
      if (type !== 'message-end') return EVENTS[type]?.(state, data) ?? []
      const end = objectAt(data, 'delta')
      readEnd(state, end)
      if (failedAt(end)) throw failure(failedAt(end), state)
      done = true
      const { toolCalls } = parseToolCalls(rawCalls(state), true)
      return toolCalls.map((toolCall) => ({ type: 'tool-call', toolCall }))
    },
    done: () => done,
    result: () => toResponse(state, done),
  }
}

/** Reads a failure from the end event: a message, or only a finish reason. */
function failedAt(end: JsonObject): unknown {
  const finish = textAt(end, 'finish_reason') ?? ''
  return end['error'] || (Object.hasOwn(FAILURES, finish) ? `The vendor ended the reply with ${finish}.` : undefined)
}

/** Classifies failures that only have a message. Defaults to a server error. */
function failure(error: unknown, state?: CollectorState): AIError {
  const fallback = FAILURES[state?.finish ?? ''] ?? 'server-error'
  return errorInResponse(error, { fallback, ...(state && { partial: toResponse(state, false) }) })
}

/** @see https://docs.cohere.com/reference/chat (`finish_reason`) */
const FAILURES: Record<string, AIErrorCode> = table({ ERROR: 'server-error', TIMEOUT: 'timeout' })

/** Handlers by event type. Others (ends of blocks, citations, future types) are ignored. */
const EVENTS: Record<string, (state: CollectorState, event: JsonObject) => AIChatStreamDelta[] | undefined> = table({
  'message-start': (state, event) => {
    state.id = textAt(event, 'id')
    return undefined
  },
  'content-start': (state, event) => readPart(state, contentOf(event)),
  'content-delta': (state, event) => readPart(state, contentOf(event)),
  'tool-plan-delta': (state, event) => {
    const text = textAt(messageOf(event), 'tool_plan') ?? ''
    state.plan += text
    return text === '' ? undefined : [{ type: 'reasoning-delta', text }]
  },
  'tool-call-start': (state, event) => {
    const index = numberAt(event, 'index') ?? state.calls.size
    const { id, name, arguments: text } = startCall(state, index, objectAt(messageOf(event), 'tool_calls'))
    return [{ type: 'tool-call-delta', index, id, name, arguments: text }]
  },
  'tool-call-delta': (state, event) => {
    const index = numberAt(event, 'index') ?? state.calls.size - 1
    const call = state.calls.get(index)
    const text = textAt(objectAt(objectAt(messageOf(event), 'tool_calls'), 'function'), 'arguments')
    if (!call || text === undefined) return undefined
    call.arguments += text
    return [{ type: 'tool-call-delta', index, id: call.id, name: call.name, arguments: text }]
  },
})

function messageOf(event: JsonObject): JsonObject {
  return objectAt(objectAt(event, 'delta'), 'message')
}

function contentOf(event: JsonObject): JsonObject {
  return objectAt(messageOf(event), 'content')
}

// ---- what responses and streams share

type CollectorState = {
  id: string | undefined
  text: string
  /** Reasoning; models without reasoning return a plan next to their tool calls. */
  thinking: string
  plan: string
  calls: Map<number, RawToolCall>
  finish: string | undefined
  usage: JsonObject | undefined
}

function emptyResponse(): CollectorState {
  return { id: undefined, text: '', thinking: '', plan: '', calls: new Map(), finish: undefined, usage: undefined }
}

/** Reads a part, or a delta of one. */
function readPart(state: CollectorState, part: JsonObject): AIChatStreamDelta[] {
  const thought = textAt(part, 'thinking') ?? ''
  const text = textAt(part, 'text') ?? ''
  state.thinking += thought
  state.text += text
  return [
    ...(thought === '' ? [] : [{ type: 'reasoning-delta' as const, text: thought }]),
    ...(text === '' ? [] : [{ type: 'text-delta' as const, text }]),
  ]
}

function startCall({ calls }: CollectorState, index: number, raw: JsonObject): RawToolCall {
  const { name, arguments: text } = objectAt(raw, 'function')
  const call = {
    id: textAt(raw, 'id') ?? '',
    name: typeof name === 'string' ? name : '',
    arguments: typeof text === 'string' ? text : '',
  }
  calls.set(index, call)
  return call
}

function readEnd(state: CollectorState, end: JsonObject) {
  state.finish = textAt(end, 'finish_reason')
  if (isObject(end['usage'])) state.usage = end['usage']
}

function rawCalls({ calls, id }: CollectorState): RawToolCall[] {
  return withUniqueIds([...calls.values()], id)
}

function toResponse(state: CollectorState, isComplete: boolean): AIChatResponse {
  const { id, text, finish, usage } = state
  const thoughts = [state.thinking, state.plan].filter((thought) => thought !== '')
  const { toolCalls, warnings } = parseToolCalls(rawCalls(state), isComplete)
  return {
    ...(id !== undefined && { id }),
    choices: [
      {
        role: 'assistant',
        content: text,
        ...(thoughts.length > 0 && { reasoning: thoughts.map((thought) => ({ text: thought })) }),
      },
    ],
    finishReason: finishReason(finish, toolCalls.length > 0),
    rawFinishReason: finish,
    toolCalls,
    usage: usage && parseUsage(usage),
    warnings,
  }
}

/** Tool calls take precedence over the vendor's finish reason. */
function finishReason(word: string | undefined, calls: boolean): AIFinishReason {
  const known = FINISH_REASONS[word ?? ''] ?? 'other'
  return known === 'stop' && calls ? 'tool-calls' : known
}

/** @see https://docs.cohere.com/reference/chat (`finish_reason`) */
const FINISH_REASONS: Record<string, AIFinishReason> = table({
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool-calls',
})

/** `tokens` are all tokens; `billed_units` exclude what the vendor adds to the prompt. */
export function parseUsage(usage: JsonObject): AIChatCompletionUsage {
  const tokens = objectAt(usage, 'tokens')
  const promptTokens = numberAt(tokens, 'input_tokens')
  const completionTokens = numberAt(tokens, 'output_tokens')
  return {
    promptTokens,
    completionTokens,
    totalTokens:
      promptTokens === undefined || completionTokens === undefined ? undefined : promptTokens + completionTokens,
    cacheReadTokens: numberAt(usage, 'cached_tokens'),
    reasoningTokens: numberAt(tokens, 'reasoning_tokens'),
    raw: usage,
  }
}
