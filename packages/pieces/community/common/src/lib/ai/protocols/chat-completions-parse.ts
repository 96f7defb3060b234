import type {
  AIChatChoice,
  AIChatCompletionUsage,
  AIChatReply,
  AIChatStreamDelta,
  AIFinishReason,
  AIReasoning,
} from '../contract-chat.ts'
import { AIError, errorInReply } from '../errors.ts'
import type { SseEvent } from './sse.ts'
import {
  type ChatCollector,
  isObject,
  listAt,
  numberAt,
  objectAt,
  parseToolCalls,
  type RawToolCall,
  textAt,
  type WireObject,
} from './wire.ts'

// ---- wire → ours, whole

/** Parses a whole reply. @throws AIError for an error inside a 200, a reply without choices, or broken tool arguments */
export function parse(reply: WireObject): AIChatReply {
  if (reply['error']) throw errorInReply(reply['error'])
  if (!Array.isArray(reply['choices'])) {
    throw new AIError({ code: 'invalid-reply', message: 'The reply has no list of choices.' })
  }
  const gathered = emptyReply()
  readHead(gathered, reply)
  for (const choice of listAt(reply, 'choices')) {
    const slot = slotOf(gathered, numberAt(choice, 'index') ?? gathered.choices.size)
    const message = objectAt(choice, 'message')
    const calls = listAt(message, 'tool_calls').map((call, index) => ({ ...call, index })) // each is whole and its own
    readMessage(slot, message, calls)
    slot.finishReason = textAt(choice, 'finish_reason') ?? slot.finishReason
  }
  return toReply(gathered, true)
}

// ---- wire → ours, streamed

export function collect(): ChatCollector {
  const gathered = emptyReply()
  let done = false
  return {
    accept(event) {
      if (event.data === '[DONE]') {
        done = true
        return finishedCalls(gathered)
      }
      return readChunk(gathered, event)
    },
    done: () => done,
    result: () => toReply(gathered, done),
  }
}

function readChunk(gathered: Gathered, event: SseEvent): AIChatStreamDelta[] {
  const chunk: unknown = JSON.parse(event.data)
  if (!isObject(chunk)) return []
  if (event.event === 'error' || chunk['error']) throw errorInReply(chunk['error'] ?? chunk)
  readHead(gathered, chunk)
  const deltas: AIChatStreamDelta[] = []
  for (const choice of listAt(chunk, 'choices')) {
    const index = numberAt(choice, 'index') ?? 0
    const slot = slotOf(gathered, index)
    const news = readMessage(slot, objectAt(choice, 'delta'))
    slot.finishReason = textAt(choice, 'finish_reason') ?? slot.finishReason
    if (index === 0) deltas.push(...news)
  }
  return deltas
}

// ---- what both forms share: a reply in the making

type Slot = {
  content: string
  reasoning: string
  refusal: string
  calls: RawToolCall[]
  /** The vendor's index of each call, where it gives one. */
  callIndexes: (number | undefined)[]
  finishReason: string | undefined
}

type Gathered = {
  id: string | undefined
  created: number | undefined
  model: string | undefined
  usage: WireObject | undefined
  choices: Map<number, Slot>
}

function emptyReply(): Gathered {
  return { id: undefined, created: undefined, model: undefined, usage: undefined, choices: new Map() }
}

function slotOf(gathered: Gathered, index: number): Slot {
  let slot = gathered.choices.get(index)
  if (!slot) {
    slot = { content: '', reasoning: '', refusal: '', calls: [], callIndexes: [], finishReason: undefined }
    gathered.choices.set(index, slot)
  }
  return slot
}

/** Azure's first chunk has an empty id and model and no choices: the first that says something counts. */
function readHead(gathered: Gathered, chunk: WireObject) {
  gathered.id ??= textAt(chunk, 'id')
  gathered.model ??= textAt(chunk, 'model')
  gathered.created ??= numberAt(chunk, 'created') || undefined
  if (isObject(chunk['usage'])) gathered.usage = chunk['usage']
}

function readMessage(slot: Slot, message: WireObject, calls = listAt(message, 'tool_calls')): AIChatStreamDelta[] {
  const deltas: AIChatStreamDelta[] = []
  const content = textAt(message, 'content')
  const reasoning = textAt(message, 'reasoning_content') ?? textAt(message, 'reasoning')
  if (reasoning) {
    slot.reasoning += reasoning
    deltas.push({ type: 'reasoning-delta', text: reasoning })
  }
  if (content) {
    slot.content += content
    deltas.push({ type: 'text-delta', text: content })
  }
  slot.refusal += textAt(message, 'refusal') ?? ''
  for (const call of calls) deltas.push(readToolCall(slot, call))
  if (isObject(message['function_call'])) deltas.push(readToolCall(slot, { index: 0, function: message['function_call'] }))
  return deltas
}

function readToolCall(slot: Slot, wire: WireObject): AIChatStreamDelta {
  const named = isObject(wire['custom']) ? objectAt(wire, 'custom') : objectAt(wire, 'function')
  const name = textAt(named, 'name')
  const position = positionOf(slot, numberAt(wire, 'index'), textAt(wire, 'id'), name)
  const call = slot.calls[position] ?? { id: '', name: '', arguments: '' }
  const news = argumentsText(wire, named)
  call.id ||= textAt(wire, 'id') ?? ''
  call.name ||= name ?? ''
  call.arguments += news
  slot.calls[position] = call
  slot.callIndexes[position] ??= numberAt(wire, 'index')
  return { type: 'tool-call-delta', index: position, id: call.id, name: call.name, arguments: news }
}

/** Vendors leave out the index, or use one again for the next call: then an id or a name that is new starts a call. */
function positionOf(slot: Slot, index: number | undefined, id: string | undefined, name: string | undefined): number {
  const next = slot.calls.length
  if (index === undefined) {
    if (id !== undefined) return orElse(slot.calls.findLastIndex((call) => call.id === id), next)
    return name !== undefined || next === 0 ? next : next - 1
  }
  const position = orElse(slot.callIndexes.lastIndexOf(index), next)
  const known = slot.calls[position]?.id
  return id !== undefined && known && known !== id ? next : position
}

function orElse(position: number, next: number): number {
  return position < 0 ? next : position
}

/** A function's arguments are text, or an object (Ollama); a custom tool's input is plain text, not JSON. */
function argumentsText(wire: WireObject, named: WireObject): string {
  if (isObject(wire['custom'])) return JSON.stringify(textAt(named, 'input') ?? '')
  const given = named['arguments']
  return typeof given === 'string' ? given : isObject(given) ? JSON.stringify(given) : ''
}

function finishedCalls(gathered: Gathered): AIChatStreamDelta[] {
  return parseToolCalls(rawCalls(gathered), true).toolCalls.map((toolCall) => ({ type: 'tool-call', toolCall }))
}

/** The calls of the first choice, each with an id of its own: some vendors give none, or one for all. */
function rawCalls(gathered: Gathered): RawToolCall[] {
  const taken = new Set<string>()
  return (gathered.choices.get(0)?.calls ?? []).map((call, index) => {
    const made = `${call.id || (gathered.id ?? 'call')}_${index}`
    const id = call.id === '' || taken.has(call.id) ? made : call.id
    taken.add(id)
    return { ...call, id }
  })
}

function toReply(gathered: Gathered, whole: boolean): AIChatReply {
  const slots = [...gathered.choices.entries()].sort(([a], [b]) => a - b).map(([, slot]) => slot)
  const first = slots[0]
  const { toolCalls, warnings } = parseToolCalls(rawCalls(gathered), whole)
  return {
    ...(gathered.id !== undefined && { id: gathered.id }),
    ...(gathered.created !== undefined && { created: gathered.created }),
    ...(gathered.model !== undefined && { model: gathered.model }),
    choices: slots.map(toChoice),
    finishReason: finishReason(first),
    rawFinishReason: first?.finishReason,
    toolCalls,
    usage: gathered.usage && parseUsage(gathered.usage),
    warnings,
  }
}

function toChoice(slot: Slot): AIChatChoice {
  const reasoning: AIReasoning[] = slot.reasoning === '' ? [] : [{ text: slot.reasoning }]
  return {
    role: 'assistant',
    content: slot.content,
    ...(reasoning.length > 0 && { reasoning }),
    ...(slot.refusal !== '' && { refusal: slot.refusal }),
  }
}

/** A forced tool ends with `stop`: the calls decide, not the word. */
function finishReason(slot: Slot | undefined): AIFinishReason {
  const known = FINISH_REASONS[slot?.finishReason ?? ''] ?? 'other'
  return known === 'stop' && slot && slot.calls.length > 0 ? 'tool-calls' : known
}

const FINISH_REASONS: Record<string, AIFinishReason> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
}

function parseUsage(usage: WireObject): AIChatCompletionUsage {
  return {
    promptTokens: numberAt(usage, 'prompt_tokens'),
    completionTokens: numberAt(usage, 'completion_tokens'),
    totalTokens: numberAt(usage, 'total_tokens'),
    cacheReadTokens: numberAt(objectAt(usage, 'prompt_tokens_details'), 'cached_tokens'),
    cacheWriteTokens: numberAt(objectAt(usage, 'prompt_tokens_details'), 'cache_write_tokens'),
    reasoningTokens: numberAt(objectAt(usage, 'completion_tokens_details'), 'reasoning_tokens'),
    raw: usage,
  }
}
