import type {
  AIChatChoice,
  AIChatCompletionUsage,
  AIChatReply,
  AIChatStreamDelta,
  AIFinishReason,
} from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInReply } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, listAt, numberAt, objectAt, textAt, type WireObject } from '../shared/json.ts'
import { addDetails, sealedByDetails } from '../shared/reasoning-details.ts'
import { addAnnotations, addSearchResults, type Sources, sourcesField } from '../shared/sources.ts'
import type { SseEvent } from '../shared/sse.ts'
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'
import { createThinkSplitter, type ThinkSplitter } from './think-tags.ts'

/** Where a vendor's replies are not OpenAI's; see `ChatCompletionsQuirks`. */
export type ParseQuirks = {
  readonly endsWithoutDone?: boolean
  readonly thinkTags?: boolean
  readonly reasoningDetails?: boolean
}

// ---- wire → ours, whole

/** Parses a whole reply. @throws AIError for an error inside a 200, a reply without choices, or broken tool arguments */
export function parse(reply: WireObject, quirks: ParseQuirks = {}): AIChatReply {
  if (reply['error']) throw errorInReply(reply['error'])
  if (!Array.isArray(reply['choices'])) {
    throw new AIError({ code: 'invalid-reply', message: 'The reply has no list of choices.' })
  }
  const gathered = emptyReply(quirks)
  readHead(gathered, reply)
  for (const choice of listAt(reply, 'choices')) {
    const slot = slotOf(gathered, numberAt(choice, 'index') ?? gathered.choices.size)
    const message = objectAt(choice, 'message')
    const calls = listAt(message, 'tool_calls').map((call, index) => ({ ...call, index })) // each is whole and its own
    readMessage(slot, message, calls)
    addAnnotations(gathered.sources, listAt(message, 'annotations'))
    slot.finishReason = textAt(choice, 'finish_reason') ?? slot.finishReason
  }
  return toReply(gathered, true)
}

// ---- wire → ours, streamed

/** Gathers a streamed reply. */
export function collect(quirks: ParseQuirks = {}): ChatCollector {
  const gathered = emptyReply(quirks)
  let done = false
  const finished = () => gathered.choices.get(0)?.finishReason !== undefined
  const whole = () => done || (quirks.endsWithoutDone === true && finished())
  return {
    accept(event) {
      if (event.data !== '[DONE]') return readChunk(gathered, event)
      done = true
      return [...lastWords(gathered), ...finishedCalls(gathered)]
    },
    done: () => done,
    whole,
    result: () => toReply(gathered, whole()),
  }
}

function readChunk(gathered: Gathered, event: SseEvent): AIChatStreamDelta[] {
  const chunk: unknown = JSON.parse(event.data)
  if (!isObject(chunk)) return []
  if (event.event === 'error' || chunk['error'] || isBareError(chunk)) throw errorInReply(chunk['error'] ?? chunk)
  readHead(gathered, chunk)
  const deltas: AIChatStreamDelta[] = []
  for (const choice of listAt(chunk, 'choices')) {
    const index = numberAt(choice, 'index') ?? 0
    const slot = slotOf(gathered, index)
    const delta = objectAt(choice, 'delta')
    const news = readMessage(slot, delta)
    addAnnotations(gathered.sources, listAt(delta, 'annotations'))
    slot.finishReason = textAt(choice, 'finish_reason') ?? slot.finishReason
    if (index === 0) deltas.push(...news)
  }
  return deltas
}

/** vLLM and others stream an error as a separate object. */
function isBareError(chunk: WireObject): boolean {
  return chunk['choices'] === undefined && (textAt(chunk, 'message') ?? textAt(chunk, 'detail')) !== undefined
}

// ---- what both forms share: a reply in the making

type Slot = {
  content: string
  reasoning: string
  /** The same in the vendor's own list, where it has one. */
  details: WireObject[]
  refusal: string
  calls: RawToolCall[]
  /** The vendor's index of each call, where it gives one. */
  callIndexes: (number | undefined)[]
  finishReason: string | undefined
  /** Parts text from what stands in `<think>`, for vendors whose models think aloud. */
  split: ThinkSplitter | undefined
}

type Gathered = {
  id: string | undefined
  created: number | undefined
  model: string | undefined
  usage: WireObject | undefined
  choices: Map<number, Slot>
  sources: Sources
  quirks: ParseQuirks
}

function emptyReply(quirks: ParseQuirks): Gathered {
  const head = { id: undefined, created: undefined, model: undefined, usage: undefined }
  return { ...head, choices: new Map(), sources: new Map(), quirks }
}

function slotOf(gathered: Gathered, index: number): Slot {
  let slot = gathered.choices.get(index)
  if (!slot) {
    const split = gathered.quirks.thinkTags ? createThinkSplitter() : undefined
    const empty = { content: '', reasoning: '', details: [], refusal: '', calls: [], callIndexes: [] }
    slot = { ...empty, finishReason: undefined, split }
    gathered.choices.set(index, slot)
  }
  return slot
}

/** Azure's first chunk has an empty id and model and no choices: the first that says something counts. */
function readHead(gathered: Gathered, chunk: WireObject) {
  gathered.id ??= textAt(chunk, 'id')
  gathered.model ??= textAt(chunk, 'model')
  gathered.created ??= numberAt(chunk, 'created') || undefined
  const usage = chunk['usage'] ?? objectAt(chunk, 'x_groq')['usage']
  if (isObject(usage)) gathered.usage = usage
  addSearchResults(gathered.sources, chunk)
}

function readMessage(slot: Slot, message: WireObject, calls = listAt(message, 'tool_calls')): AIChatStreamDelta[] {
  const deltas: AIChatStreamDelta[] = []
  const think = textAt(message, 'reasoning_content') ?? textAt(message, 'reasoning') ?? thinkingParts(message)
  addDetails(slot.details, listAt(message, 'reasoning_details'))
  if (think) deltas.push(...say(slot, { type: 'reasoning-delta', text: think }))
  const content = textAt(message, 'content') ?? textParts(message)
  if (content) for (const delta of slot.split?.push(content) ?? [asText(content)]) deltas.push(...say(slot, delta))
  slot.refusal += textAt(message, 'refusal') ?? ''
  for (const call of calls) deltas.push(readToolCall(slot, call))
  const older = objectAt(message, 'function_call') // some gateways send an empty one beside the calls
  if (textAt(older, 'name') ?? textAt(older, 'arguments'))
    deltas.push(readToolCall(slot, { index: 0, function: older }))
  return deltas
}

type Words = Extract<AIChatStreamDelta, { text: string }>

function asText(text: string): Words {
  return { type: 'text-delta', text }
}

function say(slot: Slot, delta: Words): Words[] {
  if (delta.text === '') return []
  if (delta.type === 'text-delta') slot.content += delta.text
  else slot.reasoning += delta.text
  return [delta]
}

/** What a splitter still holds back when the reply ends. */
function lastWords(gathered: Gathered): AIChatStreamDelta[] {
  const slots = [...gathered.choices.values()]
  return slots.flatMap((slot, index) => {
    const words = (slot.split?.end() ?? []).flatMap((delta) => say(slot, delta))
    return index === 0 ? words : []
  })
}

/** Mistral's content is a list of parts: `{ type: 'text', text }` and `{ type: 'thinking', thinking: [...] }`. */
function textParts(message: WireObject): string {
  return listAt(message, 'content')
    .map((part) => textAt(part, 'text') ?? '')
    .join('')
}

function thinkingParts(message: WireObject): string {
  const thoughts = listAt(message, 'content').flatMap((part) => listAt(part, 'thinking'))
  return thoughts.map((part) => textAt(part, 'text') ?? '').join('')
}

function readToolCall(slot: Slot, wire: WireObject): AIChatStreamDelta {
  const named = isCustom(wire) ? objectAt(wire, 'custom') : objectAt(wire, 'function')
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
    if (id !== undefined)
      return orElse(
        slot.calls.findLastIndex((call) => call.id === id),
        next,
      )
    return name !== undefined || next === 0 ? next : next - 1
  }
  const position = orElse(slot.callIndexes.lastIndexOf(index), next)
  const known = slot.calls[position]?.id
  return id !== undefined && known && known !== id ? next : position
}

function orElse(position: number, next: number): number {
  return position < 0 ? next : position
}

/** A tool whose input is plain text. Some gateways send an empty one beside the function. */
function isCustom(wire: WireObject): boolean {
  return wire['type'] === 'custom' || (isObject(wire['custom']) && !isObject(wire['function']))
}

/** A function's arguments are text, or an object (Ollama); a custom tool's input is plain text, not JSON. */
function argumentsText(wire: WireObject, named: WireObject): string {
  if (isCustom(wire)) return JSON.stringify(textAt(named, 'input') ?? '')
  const given = named['arguments']
  return typeof given === 'string' ? given : isObject(given) ? JSON.stringify(given) : ''
}

function finishedCalls(gathered: Gathered): AIChatStreamDelta[] {
  return parseToolCalls(rawCalls(gathered), true).toolCalls.map((toolCall) => ({ type: 'tool-call', toolCall }))
}

function rawCalls(gathered: Gathered): RawToolCall[] {
  return withUniqueIds(gathered.choices.get(0)?.calls ?? [], gathered.id)
}

function toReply(gathered: Gathered, whole: boolean): AIChatReply {
  lastWords(gathered)
  const slots = [...gathered.choices.entries()].sort(([a], [b]) => a - b).map(([, slot]) => slot)
  const first = slots[0]
  const { toolCalls, warnings } = parseToolCalls(rawCalls(gathered), whole)
  return {
    ...(gathered.id !== undefined && { id: gathered.id }),
    ...(gathered.created !== undefined && { created: gathered.created }),
    ...(gathered.model !== undefined && { model: gathered.model }),
    choices: slots.map((slot) => toChoice(slot, gathered.quirks)),
    finishReason: finishReason(first),
    rawFinishReason: first?.finishReason,
    toolCalls,
    ...sourcesField(gathered.sources),
    usage: gathered.usage && parseUsage(gathered.usage),
    warnings,
  }
}

function toChoice(slot: Slot, quirks: ParseQuirks): AIChatChoice {
  const reasoning = sealedByDetails(slot.reasoning, quirks.reasoningDetails ? slot.details : [])
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

const FINISH_REASONS: Record<string, AIFinishReason> = table({
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
})

export function parseUsage(usage: WireObject): AIChatCompletionUsage {
  const promptTokens = numberAt(usage, 'prompt_tokens')
  const totalTokens = numberAt(usage, 'total_tokens')
  const reasoningTokens = numberAt(objectAt(usage, 'completion_tokens_details'), 'reasoning_tokens')
  const said = numberAt(usage, 'completion_tokens')
  // xAI's models count thoughts beside the completion, wherever they are served: the total tells.
  const beside = said !== undefined && reasoningTokens && totalTokens === (promptTokens ?? 0) + said + reasoningTokens
  return {
    promptTokens,
    completionTokens: beside ? said + reasoningTokens : said,
    totalTokens,
    cacheReadTokens:
      numberAt(objectAt(usage, 'prompt_tokens_details'), 'cached_tokens') ?? numberAt(usage, 'prompt_cache_hit_tokens'),
    cacheWriteTokens: numberAt(objectAt(usage, 'prompt_tokens_details'), 'cache_write_tokens'),
    reasoningTokens,
    raw: usage,
  }
}
