import type { AIChatCompletionUsage, AIChatReply, AIChatStreamDelta, AIFinishReason } from '../../contract/chat.ts'
import type { AIErrorCode } from '../../contract/errors.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInReply } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, listAt, numberAt, objectAt, textAt, type WireObject } from '../shared/json.ts'
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'

// ---- wire → ours, whole

/** Parses a whole reply. @throws AIError for an error inside a 200, a reply without a message, or broken tool arguments */
export function parse(reply: WireObject): AIChatReply {
  if (!isObject(reply['message'])) {
    if (reply['error'] ?? reply['message']) throw failure(reply['error'] ?? reply)
    throw new AIError({ code: 'invalid-reply', message: 'The reply has no message.' })
  }
  const gathered = emptyReply()
  gathered.id = textAt(reply, 'id')
  const message = reply['message']
  for (const part of listAt(message, 'content')) readPart(gathered, part)
  gathered.plan = textAt(message, 'tool_plan') ?? ''
  for (const [index, call] of listAt(message, 'tool_calls').entries()) startCall(gathered, index, call)
  readEnd(gathered, reply)
  if (failedAt(reply)) throw failure(failedAt(reply), gathered)
  return toReply(gathered, true)
}

// ---- wire → ours, streamed

/** Gathers a streamed reply, whose last event is `message-end`; some gateways leave out the `[DONE]` after it. */
export function collect(): ChatCollector {
  const gathered = emptyReply()
  let done = false
  return {
    accept(event) {
      const data: unknown = event.data === '' || event.data === '[DONE]' ? {} : JSON.parse(event.data)
      if (!isObject(data)) return []
      const type = textAt(data, 'type') ?? event.event
      if (data['error'] || type === 'error' || (type === '' && textAt(data, 'message')))
        throw failure(data['error'] ?? data)
      if (type !== 'message-end') return EVENTS[type]?.(gathered, data) ?? []
      const end = objectAt(data, 'delta')
      readEnd(gathered, end)
      if (failedAt(end)) throw failure(failedAt(end), gathered)
      done = true
      const { toolCalls } = parseToolCalls(rawCalls(gathered), true)
      return toolCalls.map((toolCall) => ({ type: 'tool-call', toolCall }))
    },
    done: () => done,
    result: () => toReply(gathered, done),
  }
}

/** What an end says of a failure: words, or a finish reason alone. A reply that ended so is no short success. */
function failedAt(end: WireObject): unknown {
  const finish = textAt(end, 'finish_reason') ?? ''
  return end['error'] || (Object.hasOwn(FAILURES, finish) ? `The vendor ended the reply with ${finish}.` : undefined)
}

/** The vendor tells of a failure by words alone: those that say nothing else say that it is its own. */
function failure(error: unknown, gathered?: Gathered): AIError {
  const fallback = FAILURES[gathered?.finish ?? ''] ?? 'server-error'
  return errorInReply(error, { fallback, ...(gathered && { partial: toReply(gathered, false) }) })
}

/** @see https://docs.cohere.com/reference/chat (`finish_reason`) */
const FAILURES: Record<string, AIErrorCode> = table({ ERROR: 'server-error', TIMEOUT: 'timeout' })

/** The events that carry something; others (ends of blocks, citations, what comes new) are passed over. */
const EVENTS: Record<string, (gathered: Gathered, event: WireObject) => AIChatStreamDelta[] | undefined> = table({
  'message-start': (gathered, event) => {
    gathered.id = textAt(event, 'id')
    return undefined
  },
  'content-start': (gathered, event) => readPart(gathered, contentOf(event)),
  'content-delta': (gathered, event) => readPart(gathered, contentOf(event)),
  'tool-plan-delta': (gathered, event) => {
    const text = textAt(messageOf(event), 'tool_plan') ?? ''
    gathered.plan += text
    return text === '' ? undefined : [{ type: 'reasoning-delta', text }]
  },
  'tool-call-start': (gathered, event) => {
    const index = numberAt(event, 'index') ?? gathered.calls.size
    const { id, name, arguments: text } = startCall(gathered, index, objectAt(messageOf(event), 'tool_calls'))
    return [{ type: 'tool-call-delta', index, id, name, arguments: text }]
  },
  'tool-call-delta': (gathered, event) => {
    const index = numberAt(event, 'index') ?? gathered.calls.size - 1
    const call = gathered.calls.get(index)
    const text = textAt(objectAt(objectAt(messageOf(event), 'tool_calls'), 'function'), 'arguments')
    if (!call || text === undefined) return undefined
    call.arguments += text
    return [{ type: 'tool-call-delta', index, id: call.id, name: call.name, arguments: text }]
  },
})

function messageOf(event: WireObject): WireObject {
  return objectAt(objectAt(event, 'delta'), 'message')
}

function contentOf(event: WireObject): WireObject {
  return objectAt(messageOf(event), 'content')
}

// ---- what both forms share: a reply in the making

type Gathered = {
  id: string | undefined
  text: string
  /** What the model thought; models without thinking tell a plan beside their tool calls. */
  thinking: string
  plan: string
  calls: Map<number, RawToolCall>
  finish: string | undefined
  usage: WireObject | undefined
}

function emptyReply(): Gathered {
  return { id: undefined, text: '', thinking: '', plan: '', calls: new Map(), finish: undefined, usage: undefined }
}

/** A part, or what has come of one. */
function readPart(gathered: Gathered, part: WireObject): AIChatStreamDelta[] {
  const thought = textAt(part, 'thinking') ?? ''
  const text = textAt(part, 'text') ?? ''
  gathered.thinking += thought
  gathered.text += text
  return [
    ...(thought === '' ? [] : [{ type: 'reasoning-delta' as const, text: thought }]),
    ...(text === '' ? [] : [{ type: 'text-delta' as const, text }]),
  ]
}

function startCall({ calls }: Gathered, index: number, wire: WireObject): RawToolCall {
  const { name, arguments: text } = objectAt(wire, 'function')
  const call = {
    id: textAt(wire, 'id') ?? '',
    name: typeof name === 'string' ? name : '',
    arguments: typeof text === 'string' ? text : '',
  }
  calls.set(index, call)
  return call
}

function readEnd(gathered: Gathered, end: WireObject) {
  gathered.finish = textAt(end, 'finish_reason')
  if (isObject(end['usage'])) gathered.usage = end['usage']
}

function rawCalls({ calls, id }: Gathered): RawToolCall[] {
  return withUniqueIds([...calls.values()], id)
}

function toReply(gathered: Gathered, whole: boolean): AIChatReply {
  const { id, text, finish, usage } = gathered
  const thoughts = [gathered.thinking, gathered.plan].filter((thought) => thought !== '')
  const { toolCalls, warnings } = parseToolCalls(rawCalls(gathered), whole)
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

/** The calls decide, not the word. */
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

/** `tokens` are all of them; `billed_units` leave out what the vendor itself puts around the prompt. */
export function parseUsage(usage: WireObject): AIChatCompletionUsage {
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
