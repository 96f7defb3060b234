import type {
  AIChatChoice,
  AIChatCompletionUsage,
  AIChatPhase,
  AIChatResponse,
  AIChatStreamDelta,
  AIFinishReason,
  AIReasoning,
} from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../shared/json.ts'
import { addAnnotations, type Sources, sourcesField } from '../shared/sources.ts'
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'

// ---- complete responses

/** Parses a complete response. @throws AIError for an error inside a 200, a failed or cancelled response, or missing output */
export function parse(reply: JsonObject): AIChatResponse {
  if (!Array.isArray(reply['output'])) {
    if (reply['error']) throw errorInResponse(reply['error'])
    throw new AIError({ code: 'invalid-reply', message: 'The response has no list of output items.' })
  }
  const state = emptyResponse()
  readItems(state, reply)
  readEnd(state, reply)
  return toResponse(state, true)
}

// ---- streams

/** Collects a streamed completion. */
export function collect(): ChatCollector {
  const state = emptyResponse()
  let done = false
  return {
    accept(event) {
      if (event.data === '[DONE]') return [] // OpenRouter sends one after the terminator
      const data: unknown = JSON.parse(event.data)
      if (!isObject(data)) return []
      const type = textAt(data, 'type') ?? event.event
      if (type === 'error' || data['error']) throw errorInResponse(data['error'] ?? data)
      if (!TERMINATORS.includes(type)) return EVENTS[type]?.(state, data) ?? []
      const response = objectAt(data, 'response')
      const news = state.items.size === 0 ? readItems(state, response) : []
      readEnd(state, response)
      done = true
      const { toolCalls } = parseToolCalls(rawCalls(state), isWhole(state))
      return [...news, ...toolCalls.map((toolCall) => ({ type: 'tool-call' as const, toolCall }))]
    },
    done: () => done,
    result: () => toResponse(state, done),
  }
}

const TERMINATORS = ['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']

/** Handlers by event type. Others (`keepalive`, built-in tools, future types) are ignored. */
const EVENTS: Record<string, (state: CollectorState, event: JsonObject) => AIChatStreamDelta[]> = table({
  'response.created': (state, event) => {
    readHead(state, objectAt(event, 'response'))
    return []
  },
  'response.output_item.added': (state, event) => readItem(state, indexOf(event), objectAt(event, 'item')),
  'response.output_item.done': (state, event) => readItem(state, indexOf(event), objectAt(event, 'item')),
  'response.output_text.delta': (state, event) => readDelta(state, event, 'text'),
  'response.output_text.annotation.added': (state, event) => {
    addAnnotations(state.sources, [objectAt(event, 'annotation')])
    return []
  },
  'response.refusal.delta': (state, event) => readDelta(state, event, 'refusal'),
  'response.reasoning_summary_text.delta': (state, event) => readDelta(state, event, 'reasoning'),
  'response.reasoning_text.delta': (state, event) => readDelta(state, event, 'reasoning'),
  'response.function_call_arguments.delta': (state, event) => readDelta(state, event, 'arguments'),
})

function indexOf(event: JsonObject): number {
  return numberAt(event, 'output_index') ?? 0
}

/** Reads a delta of one part of an item. Parts of a message and of a summary have separate indexes. */
function readDelta(state: CollectorState, event: JsonObject, kind: PartKind): AIChatStreamDelta[] {
  const at = numberAt(event, 'content_index') ?? numberAt(event, 'summary_index') ?? 0
  const { parts } = itemAt(state, indexOf(event))
  const part = parts.find((known) => known.at === at) ?? addPart(parts, { kind, at, text: '' })
  return addWords(state, indexOf(event), part, textAt(event, 'delta') ?? '')
}

// ---- what responses and streams share

type PartKind = 'text' | 'refusal' | 'reasoning' | 'arguments'
/** `at` is the vendor's index. Some start at 1, so it identifies parts but is not a position. */
type Part = { kind: PartKind; at: number; text: string }

/** An output item. A function call has one part, its arguments. */
type Item = {
  id: string | undefined
  type: string
  parts: Part[]
  callId: string
  name: string
  signature: string | undefined
  phase: AIChatPhase | undefined
}

type CollectorState = {
  id: string | undefined
  created: number | undefined
  model: string | undefined
  status: string | undefined
  incompleteReason: string | undefined
  usage: JsonObject | undefined
  items: Map<number, Item>
  sources: Sources
}

function emptyResponse(): CollectorState {
  return {
    id: undefined,
    created: undefined,
    model: undefined,
    status: undefined,
    incompleteReason: undefined,
    usage: undefined,
    items: new Map(),
    sources: new Map(),
  }
}

function itemAt(state: CollectorState, index: number): Item {
  let item = state.items.get(index)
  if (!item) {
    item = { id: undefined, type: '', parts: [], callId: '', name: '', signature: undefined, phase: undefined }
    state.items.set(index, item)
  }
  return item
}

function readHead(state: CollectorState, response: JsonObject) {
  state.id ??= textAt(response, 'id')
  state.model ??= textAt(response, 'model')
  state.created ??= numberAt(response, 'created_at')
}

/** Reads how the response ended. @throws AIError if the vendor reports a failure */
function readEnd(state: CollectorState, response: JsonObject) {
  readHead(state, response)
  state.status = textAt(response, 'status')
  state.incompleteReason = textAt(objectAt(response, 'incomplete_details'), 'reason')
  if (isObject(response['usage'])) state.usage = response['usage']
  if (response['error']) throw errorInResponse(response['error'])
  if (state.status === 'failed' || state.status === 'cancelled') {
    throw new AIError({
      code: 'server-error',
      message: `The vendor ended the response as ${state.status} without a reason.`,
    })
  }
}

function readItems(state: CollectorState, response: JsonObject): AIChatStreamDelta[] {
  return listAt(response, 'output').flatMap((item, index) => readItem(state, index, item))
}

/** Reads an item at its start (empty), at its end (complete) or both, and returns what no delta has delivered. */
function readItem(state: CollectorState, index: number, raw: JsonObject): AIChatStreamDelta[] {
  const item = itemAt(state, index)
  const phase = textAt(raw, 'phase')
  item.id = textAt(raw, 'id') ?? item.id
  item.type = textAt(raw, 'type') ?? item.type
  item.callId = textAt(raw, 'call_id') ?? item.callId
  item.name = textAt(raw, 'name') ?? item.name
  item.signature = textAt(raw, 'encrypted_content') ?? item.signature
  for (const part of listAt(raw, 'content')) addAnnotations(state.sources, listAt(part, 'annotations'))
  if (phase === 'commentary' || phase === 'final_answer') item.phase = phase
  return partsOf(item.type, raw).flatMap(({ kind, text }, at) => {
    const part = item.parts[at] ?? addPart(item.parts, { kind, at, text: '' })
    return text.startsWith(part.text) ? addWords(state, index, part, text.slice(part.text.length)) : []
  })
}

/** Returns the parts of an item. Other vendors put unsigned reasoning into `content` instead of `summary`. */
function partsOf(type: string, raw: JsonObject): Omit<Part, 'at'>[] {
  if (type === 'function_call') return [{ kind: 'arguments', text: textAt(raw, 'arguments') ?? '' }]
  if (type === 'reasoning') {
    const summary = listAt(raw, 'summary')
    const reasoning = summary.length > 0 ? summary : listAt(raw, 'content')
    return reasoning.map((part) => ({ kind: 'reasoning', text: textAt(part, 'text') ?? '' }))
  }
  if (type !== 'message') return []
  return listAt(raw, 'content').map((part) =>
    part['type'] === 'refusal'
      ? { kind: 'refusal', text: textAt(part, 'refusal') ?? '' }
      : { kind: 'text', text: textAt(part, 'text') ?? '' },
  )
}

function addPart(parts: Part[], part: Part): Part {
  parts.push(part)
  return part
}

function addWords(state: CollectorState, index: number, part: Part, text: string): AIChatStreamDelta[] {
  part.text += text
  return text === '' ? [] : deltasOf(state, index, part.kind, text)
}

function deltasOf(state: CollectorState, index: number, kind: PartKind, text: string): AIChatStreamDelta[] {
  if (kind === 'text') return [{ type: 'text-delta', text }]
  if (kind === 'reasoning') return [{ type: 'reasoning-delta', text }]
  if (kind === 'refusal') return []
  const { callId: id, name } = itemAt(state, index)
  const earlier = [...state.items].filter(([other, item]) => other < index && item.type === 'function_call')
  return [{ type: 'tool-call-delta', index: earlier.length, id, name, arguments: text }]
}

// ---- result

function toResponse(state: CollectorState, ended: boolean): AIChatResponse {
  const items = inOrder(state)
  const { toolCalls, warnings } = parseToolCalls(rawCalls(state), ended && isWhole(state))
  return {
    ...(state.id !== undefined && { id: state.id }),
    ...(state.created !== undefined && { created: state.created }),
    ...(state.model !== undefined && { model: state.model }),
    choices: [toChoice(items)],
    finishReason: finishReason(state),
    rawFinishReason: state.incompleteReason ?? state.status,
    toolCalls,
    ...sourcesField(state.sources),
    usage: state.usage && parseUsage(state.usage),
    warnings,
  }
}

function inOrder(state: CollectorState): Item[] {
  return [...state.items].sort(([a], [b]) => a - b).map(([, item]) => item)
}

/** Joins all messages to one text, like the vendor's own `output_text`. */
function toChoice(items: readonly Item[]): AIChatChoice {
  const textOf = (kind: PartKind) =>
    items.flatMap((item) => item.parts.flatMap((part) => (part.kind === kind ? [part.text] : []))).join('')
  const reasoning = items.flatMap(toReasoning)
  const refusal = textOf('refusal')
  const phase = items.findLast((item) => item.phase !== undefined)?.phase
  return {
    role: 'assistant',
    content: textOf('text'),
    ...(reasoning.length > 0 && { reasoning }),
    ...(refusal !== '' && { refusal }),
    ...(phase !== undefined && { phase }),
  }
}

/** Returns one reasoning part per summary part; without a summary, which is usual, only the signature. */
function toReasoning({ type, id, signature, parts }: Item): AIReasoning[] {
  if (type !== 'reasoning') return []
  const identity = {
    ...(id !== undefined && { id }),
    ...(signature !== undefined && { signature, signedBy: 'openai' }),
  }
  const texts = parts.length > 0 ? parts.map(({ text }) => text) : ['']
  return texts.map((text) => ({ text, ...identity }))
}

function rawCalls(state: CollectorState): RawToolCall[] {
  const calls = inOrder(state).filter((item) => item.type === 'function_call')
  return withUniqueIds(
    calls.map(({ callId, name, parts }) => ({ id: callId, name, arguments: parts[0]?.text ?? '' })),
    state.id,
  )
}

/** A truncated response may end in the middle of a call's arguments. */
function isWhole(state: CollectorState): boolean {
  return state.status !== 'incomplete'
}

function finishReason(state: CollectorState): AIFinishReason {
  if (state.status === 'completed') return rawCalls(state).length > 0 ? 'tool-calls' : 'stop'
  return INCOMPLETE_REASONS[state.incompleteReason ?? ''] ?? 'other'
}

const INCOMPLETE_REASONS: Record<string, AIFinishReason> = table({
  max_output_tokens: 'length',
  content_filter: 'content-filter',
})

export function parseUsage(usage: JsonObject): AIChatCompletionUsage {
  const input = objectAt(usage, 'input_tokens_details')
  return {
    promptTokens: numberAt(usage, 'input_tokens'),
    completionTokens: numberAt(usage, 'output_tokens'),
    totalTokens: numberAt(usage, 'total_tokens'),
    cacheReadTokens: numberAt(input, 'cached_tokens'),
    cacheWriteTokens: numberAt(input, 'cache_write_tokens'),
    reasoningTokens: numberAt(objectAt(usage, 'output_tokens_details'), 'reasoning_tokens'),
    raw: usage,
  }
}
