import type {
  AIChatChoice,
  AIChatCompletionUsage,
  AIChatPhase,
  AIChatReply,
  AIChatStreamDelta,
  AIFinishReason,
  AIReasoning,
} from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInReply } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, listAt, numberAt, objectAt, textAt, type WireObject } from '../shared/json.ts'
import { addAnnotations, type Sources, sourcesField } from '../shared/sources.ts'
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'

// ---- wire → ours, whole

/** Parses a whole reply. @throws AIError for an error inside a 200, a failed or cancelled reply, or one without output */
export function parse(reply: WireObject): AIChatReply {
  if (!Array.isArray(reply['output'])) {
    if (reply['error']) throw errorInReply(reply['error'])
    throw new AIError({ code: 'invalid-reply', message: 'The reply has no list of output items.' })
  }
  const gathered = emptyReply()
  readItems(gathered, reply)
  readEnd(gathered, reply)
  return toReply(gathered, true)
}

// ---- wire → ours, streamed

/** Gathers a streamed reply. */
export function collect(): ChatCollector {
  const gathered = emptyReply()
  let done = false
  return {
    accept(event) {
      if (event.data === '[DONE]') return [] // OpenRouter adds one after the terminator
      const data: unknown = JSON.parse(event.data)
      if (!isObject(data)) return []
      const type = textAt(data, 'type') ?? event.event
      if (type === 'error' || data['error']) throw errorInReply(data['error'] ?? data)
      if (!TERMINATORS.includes(type)) return EVENTS[type]?.(gathered, data) ?? []
      const response = objectAt(data, 'response')
      const news = gathered.items.size === 0 ? readItems(gathered, response) : []
      readEnd(gathered, response)
      done = true
      const { toolCalls } = parseToolCalls(rawCalls(gathered), isWhole(gathered))
      return [...news, ...toolCalls.map((toolCall) => ({ type: 'tool-call' as const, toolCall }))]
    },
    done: () => done,
    result: () => toReply(gathered, done),
  }
}

const TERMINATORS = ['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']

/** The events that carry something; the many others (`keepalive`, built-in tools, what comes new) are passed over. */
const EVENTS: Record<string, (gathered: Gathered, event: WireObject) => AIChatStreamDelta[]> = table({
  'response.created': (gathered, event) => {
    readHead(gathered, objectAt(event, 'response'))
    return []
  },
  'response.output_item.added': (gathered, event) => readItem(gathered, indexOf(event), objectAt(event, 'item')),
  'response.output_item.done': (gathered, event) => readItem(gathered, indexOf(event), objectAt(event, 'item')),
  'response.output_text.delta': (gathered, event) => say(gathered, event, 'text'),
  'response.output_text.annotation.added': (gathered, event) => {
    addAnnotations(gathered.sources, [objectAt(event, 'annotation')])
    return []
  },
  'response.refusal.delta': (gathered, event) => say(gathered, event, 'refusal'),
  'response.reasoning_summary_text.delta': (gathered, event) => say(gathered, event, 'thought'),
  'response.reasoning_text.delta': (gathered, event) => say(gathered, event, 'thought'),
  'response.function_call_arguments.delta': (gathered, event) => say(gathered, event, 'arguments'),
})

function indexOf(event: WireObject): number {
  return numberAt(event, 'output_index') ?? 0
}

/** The next words of one part of an item: parts of a message and of a summary have an index of their own. */
function say(gathered: Gathered, event: WireObject, kind: PartKind): AIChatStreamDelta[] {
  const at = numberAt(event, 'content_index') ?? numberAt(event, 'summary_index') ?? 0
  const { parts } = itemAt(gathered, indexOf(event))
  const part = parts.find((known) => known.at === at) ?? addPart(parts, { kind, at, text: '' })
  return addWords(gathered, indexOf(event), part, textAt(event, 'delta') ?? '')
}

// ---- what both forms share: a reply in the making

type PartKind = 'text' | 'refusal' | 'thought' | 'arguments'
/** `at` is the vendor's index: some begin at 1, so it tells parts apart and says nothing of their place. */
type Part = { kind: PartKind; at: number; text: string }

/** An output item. Its parts are what it says; a function call has one, its arguments. */
type Item = {
  id: string | undefined
  type: string
  parts: Part[]
  callId: string
  name: string
  signature: string | undefined
  phase: AIChatPhase | undefined
}

type Gathered = {
  id: string | undefined
  created: number | undefined
  model: string | undefined
  status: string | undefined
  incompleteReason: string | undefined
  usage: WireObject | undefined
  items: Map<number, Item>
  sources: Sources
}

function emptyReply(): Gathered {
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

function itemAt(gathered: Gathered, index: number): Item {
  let item = gathered.items.get(index)
  if (!item) {
    item = { id: undefined, type: '', parts: [], callId: '', name: '', signature: undefined, phase: undefined }
    gathered.items.set(index, item)
  }
  return item
}

function readHead(gathered: Gathered, response: WireObject) {
  gathered.id ??= textAt(response, 'id')
  gathered.model ??= textAt(response, 'model')
  gathered.created ??= numberAt(response, 'created_at')
}

/** How it ended. @throws AIError when the vendor says that it failed */
function readEnd(gathered: Gathered, response: WireObject) {
  readHead(gathered, response)
  gathered.status = textAt(response, 'status')
  gathered.incompleteReason = textAt(objectAt(response, 'incomplete_details'), 'reason')
  if (isObject(response['usage'])) gathered.usage = response['usage']
  if (response['error']) throw errorInReply(response['error'])
  if (gathered.status === 'failed' || gathered.status === 'cancelled') {
    throw new AIError({
      code: 'server-error',
      message: `The vendor ended the reply as ${gathered.status} and does not say why.`,
    })
  }
}

function readItems(gathered: Gathered, response: WireObject): AIChatStreamDelta[] {
  return listAt(response, 'output').flatMap((item, index) => readItem(gathered, index, item))
}

/** An item as it begins (empty), as it ends (whole), or both at once: what no delta has said yet is news. */
function readItem(gathered: Gathered, index: number, wire: WireObject): AIChatStreamDelta[] {
  const item = itemAt(gathered, index)
  const phase = textAt(wire, 'phase')
  item.id = textAt(wire, 'id') ?? item.id
  item.type = textAt(wire, 'type') ?? item.type
  item.callId = textAt(wire, 'call_id') ?? item.callId
  item.name = textAt(wire, 'name') ?? item.name
  item.signature = textAt(wire, 'encrypted_content') ?? item.signature
  for (const part of listAt(wire, 'content')) addAnnotations(gathered.sources, listAt(part, 'annotations'))
  if (phase === 'commentary' || phase === 'final_answer') item.phase = phase
  return partsOf(item.type, wire).flatMap(({ kind, text }, at) => {
    const part = item.parts[at] ?? addPart(item.parts, { kind, at, text: '' })
    return text.startsWith(part.text) ? addWords(gathered, index, part, text.slice(part.text.length)) : []
  })
}

/** What an item says, in parts. Other vendors put thoughts, unsealed, into `content` instead of `summary`. */
function partsOf(type: string, wire: WireObject): Omit<Part, 'at'>[] {
  if (type === 'function_call') return [{ kind: 'arguments', text: textAt(wire, 'arguments') ?? '' }]
  if (type === 'reasoning') {
    const summary = listAt(wire, 'summary')
    const thoughts = summary.length > 0 ? summary : listAt(wire, 'content')
    return thoughts.map((part) => ({ kind: 'thought', text: textAt(part, 'text') ?? '' }))
  }
  if (type !== 'message') return []
  return listAt(wire, 'content').map((part) =>
    part['type'] === 'refusal'
      ? { kind: 'refusal', text: textAt(part, 'refusal') ?? '' }
      : { kind: 'text', text: textAt(part, 'text') ?? '' },
  )
}

function addPart(parts: Part[], part: Part): Part {
  parts.push(part)
  return part
}

function addWords(gathered: Gathered, index: number, part: Part, text: string): AIChatStreamDelta[] {
  part.text += text
  return text === '' ? [] : deltasOf(gathered, index, part.kind, text)
}

function deltasOf(gathered: Gathered, index: number, kind: PartKind, text: string): AIChatStreamDelta[] {
  if (kind === 'text') return [{ type: 'text-delta', text }]
  if (kind === 'thought') return [{ type: 'reasoning-delta', text }]
  if (kind === 'refusal') return []
  const { callId: id, name } = itemAt(gathered, index)
  const earlier = [...gathered.items].filter(([other, item]) => other < index && item.type === 'function_call')
  return [{ type: 'tool-call-delta', index: earlier.length, id, name, arguments: text }]
}

// ---- the reply

function toReply(gathered: Gathered, ended: boolean): AIChatReply {
  const items = inOrder(gathered)
  const { toolCalls, warnings } = parseToolCalls(rawCalls(gathered), ended && isWhole(gathered))
  return {
    ...(gathered.id !== undefined && { id: gathered.id }),
    ...(gathered.created !== undefined && { created: gathered.created }),
    ...(gathered.model !== undefined && { model: gathered.model }),
    choices: [toChoice(items)],
    finishReason: finishReason(gathered),
    rawFinishReason: gathered.incompleteReason ?? gathered.status,
    toolCalls,
    ...sourcesField(gathered.sources),
    usage: gathered.usage && parseUsage(gathered.usage),
    warnings,
  }
}

function inOrder(gathered: Gathered): Item[] {
  return [...gathered.items].sort(([a], [b]) => a - b).map(([, item]) => item)
}

/** All messages make one text, joined as the vendor's own `output_text` joins them. */
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

/** One for each part of a summary; a thought without any, which is the rule, is its seal alone. */
function toReasoning({ type, id, signature, parts }: Item): AIReasoning[] {
  if (type !== 'reasoning') return []
  const seal = { ...(id !== undefined && { id }), ...(signature !== undefined && { signature, sealedBy: 'openai' }) }
  const texts = parts.length > 0 ? parts.map(({ text }) => text) : ['']
  return texts.map((text) => ({ text, ...seal }))
}

function rawCalls(gathered: Gathered): RawToolCall[] {
  const calls = inOrder(gathered).filter((item) => item.type === 'function_call')
  return withUniqueIds(
    calls.map(({ callId, name, parts }) => ({ id: callId, name, arguments: parts[0]?.text ?? '' })),
    gathered.id,
  )
}

/** A reply that was cut short may end in the middle of a call's arguments. */
function isWhole(gathered: Gathered): boolean {
  return gathered.status !== 'incomplete'
}

function finishReason(gathered: Gathered): AIFinishReason {
  if (gathered.status === 'completed') return rawCalls(gathered).length > 0 ? 'tool-calls' : 'stop'
  return INCOMPLETE_REASONS[gathered.incompleteReason ?? ''] ?? 'other'
}

const INCOMPLETE_REASONS: Record<string, AIFinishReason> = table({
  max_output_tokens: 'length',
  content_filter: 'content-filter',
})

export function parseUsage(usage: WireObject): AIChatCompletionUsage {
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
