import type {
  AIChatChoice,
  AIChatCompletionUsage,
  AIChatResponse,
  AIChatStreamDelta,
  AIFinishReason,
} from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../shared/json.ts'
import { addDetails, signedByDetails } from '../shared/reasoning-details.ts'
import { addAnnotations, addSearchResults, type Sources, sourcesField } from '../shared/sources.ts'
import type { SseEvent } from '../shared/sse.ts'
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'
import { createThinkSplitter, type ThinkSplitter } from './think-tags.ts'

/** How a vendor's responses differ from OpenAI's; see `ChatCompletionsQuirks`. */
export type ParseQuirks = {
  readonly endsWithoutDone?: boolean
  readonly thinkTags?: boolean
  readonly reasoningDetails?: boolean
}

// ---- complete responses

/** Parses a complete response. @throws AIError for an error inside a 200, missing choices or invalid tool arguments */
export function parse(reply: JsonObject, quirks: ParseQuirks = {}): AIChatResponse {
  if (reply['error']) throw errorInResponse(reply['error'])
  if (!Array.isArray(reply['choices'])) {
    throw new AIError({ code: 'invalid-reply', message: 'The response has no list of choices.' })
  }
  const state = emptyResponse(quirks)
  readHead(state, reply)
  for (const choice of listAt(reply, 'choices')) {
    const slot = slotOf(state, numberAt(choice, 'index') ?? state.choices.size)
    const message = objectAt(choice, 'message')
    const calls = listAt(message, 'tool_calls').map((call, index) => ({ ...call, index })) // each is complete
    readMessage(slot, message, calls)
    addAnnotations(state.sources, listAt(message, 'annotations'))
    slot.finishReason = textAt(choice, 'finish_reason') ?? slot.finishReason
  }
  return toResponse(state, true)
}

// ---- streams

/** Collects a streamed completion. */
export function collect(quirks: ParseQuirks = {}): ChatCollector {
  const state = emptyResponse(quirks)
  let done = false
  const finished = () => state.choices.get(0)?.finishReason !== undefined
  const isComplete = () => done || (quirks.endsWithoutDone === true && finished())
  return {
    accept(event) {
      if (event.data !== '[DONE]') return readChunk(state, event)
      done = true
      return [...flushPending(state), ...finishedCalls(state)]
    },
    done: () => done,
    completeWithoutEnd: isComplete,
    result: () => toResponse(state, isComplete()),
  }
}

function readChunk(state: CollectorState, event: SseEvent): AIChatStreamDelta[] {
  const chunk: unknown = JSON.parse(event.data)
  if (!isObject(chunk)) return []
  if (event.event === 'error' || chunk['error'] || isBareError(chunk)) throw errorInResponse(chunk['error'] ?? chunk)
  readHead(state, chunk)
  const deltas: AIChatStreamDelta[] = []
  for (const choice of listAt(chunk, 'choices')) {
    const index = numberAt(choice, 'index') ?? 0
    const slot = slotOf(state, index)
    const delta = objectAt(choice, 'delta')
    const news = readMessage(slot, delta)
    addAnnotations(state.sources, listAt(delta, 'annotations'))
    slot.finishReason = textAt(choice, 'finish_reason') ?? slot.finishReason
    if (index === 0) deltas.push(...news)
  }
  return deltas
}

/** vLLM and others stream an error as a separate object. */
function isBareError(chunk: JsonObject): boolean {
  return chunk['choices'] === undefined && (textAt(chunk, 'message') ?? textAt(chunk, 'detail')) !== undefined
}

// ---- what responses and streams share

type Slot = {
  content: string
  reasoning: string
  /** Reasoning as the vendor's own list, if it has one. */
  details: JsonObject[]
  refusal: string
  calls: RawToolCall[]
  /** The vendor's index of each call, if any. */
  callIndexes: (number | undefined)[]
  finishReason: string | undefined
  /** Separates `<think>` from text, for vendors with such models. */
  split: ThinkSplitter | undefined
}

type CollectorState = {
  id: string | undefined
  created: number | undefined
  model: string | undefined
  usage: JsonObject | undefined
  choices: Map<number, Slot>
  sources: Sources
  quirks: ParseQuirks
}

function emptyResponse(quirks: ParseQuirks): CollectorState {
  const head = { id: undefined, created: undefined, model: undefined, usage: undefined }
  return { ...head, choices: new Map(), sources: new Map(), quirks }
}

function slotOf(state: CollectorState, index: number): Slot {
  let slot = state.choices.get(index)
  if (!slot) {
    const split = state.quirks.thinkTags ? createThinkSplitter() : undefined
    const empty = { content: '', reasoning: '', details: [], refusal: '', calls: [], callIndexes: [] }
    slot = { ...empty, finishReason: undefined, split }
    state.choices.set(index, slot)
  }
  return slot
}

/** The first non-empty value counts: Azure's first chunk has an empty id and model and no choices. */
function readHead(state: CollectorState, chunk: JsonObject) {
  state.id ??= textAt(chunk, 'id')
  state.model ??= textAt(chunk, 'model')
  state.created ??= numberAt(chunk, 'created') || undefined
  const usage = chunk['usage'] ?? objectAt(chunk, 'x_groq')['usage']
  if (isObject(usage)) state.usage = usage
  addSearchResults(state.sources, chunk)
}

function readMessage(slot: Slot, message: JsonObject, calls = listAt(message, 'tool_calls')): AIChatStreamDelta[] {
  const deltas: AIChatStreamDelta[] = []
  const think = textAt(message, 'reasoning_content') ?? textAt(message, 'reasoning') ?? thinkingParts(message)
  addDetails(slot.details, listAt(message, 'reasoning_details'))
  if (think) deltas.push(...say(slot, { type: 'reasoning-delta', text: think }))
  const content = textAt(message, 'content') ?? textParts(message)
  if (content) for (const delta of slot.split?.push(content) ?? [asText(content)]) deltas.push(...say(slot, delta))
  slot.refusal += textAt(message, 'refusal') ?? ''
  for (const call of calls) deltas.push(readToolCall(slot, call))
  const older = objectAt(message, 'function_call') // some gateways send an empty one next to the calls
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

/** Flushes what the splitters hold back at the end of the response. */
function flushPending(state: CollectorState): AIChatStreamDelta[] {
  const slots = [...state.choices.values()]
  return slots.flatMap((slot, index) => {
    const words = (slot.split?.end() ?? []).flatMap((delta) => say(slot, delta))
    return index === 0 ? words : []
  })
}

/** Mistral's content is a list of parts: `{ type: 'text', text }` and `{ type: 'thinking', thinking: [...] }`. */
function textParts(message: JsonObject): string {
  return listAt(message, 'content')
    .map((part) => textAt(part, 'text') ?? '')
    .join('')
}

function thinkingParts(message: JsonObject): string {
  const thoughts = listAt(message, 'content').flatMap((part) => listAt(part, 'thinking'))
  return thoughts.map((part) => textAt(part, 'text') ?? '').join('')
}

function readToolCall(slot: Slot, raw: JsonObject): AIChatStreamDelta {
  const named = isCustom(raw) ? objectAt(raw, 'custom') : objectAt(raw, 'function')
  const name = textAt(named, 'name')
  const position = positionOf(slot, numberAt(raw, 'index'), textAt(raw, 'id'), name)
  const call = slot.calls[position] ?? { id: '', name: '', arguments: '' }
  const news = argumentsText(raw, named)
  call.id ||= textAt(raw, 'id') ?? ''
  call.name ||= name ?? ''
  call.arguments += news
  slot.calls[position] = call
  slot.callIndexes[position] ??= numberAt(raw, 'index')
  return { type: 'tool-call-delta', index: position, id: call.id, name: call.name, arguments: news }
}

/** Some vendors omit the index or reuse it for the next call; a new id or name then starts a new call. */
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
function isCustom(raw: JsonObject): boolean {
  return raw['type'] === 'custom' || (isObject(raw['custom']) && !isObject(raw['function']))
}

/** A function's arguments are text, or an object (Ollama); a custom tool's input is plain text, not JSON. */
function argumentsText(raw: JsonObject, named: JsonObject): string {
  if (isCustom(raw)) return JSON.stringify(textAt(named, 'input') ?? '')
  const given = named['arguments']
  return typeof given === 'string' ? given : isObject(given) ? JSON.stringify(given) : ''
}

function finishedCalls(state: CollectorState): AIChatStreamDelta[] {
  return parseToolCalls(rawCalls(state), true).toolCalls.map((toolCall) => ({ type: 'tool-call', toolCall }))
}

function rawCalls(state: CollectorState): RawToolCall[] {
  return withUniqueIds(state.choices.get(0)?.calls ?? [], state.id)
}

function toResponse(state: CollectorState, isComplete: boolean): AIChatResponse {
  flushPending(state)
  const slots = [...state.choices.entries()].sort(([a], [b]) => a - b).map(([, slot]) => slot)
  const first = slots[0]
  const { toolCalls, warnings } = parseToolCalls(rawCalls(state), isComplete)
  return {
    ...(state.id !== undefined && { id: state.id }),
    ...(state.created !== undefined && { created: state.created }),
    ...(state.model !== undefined && { model: state.model }),
    choices: slots.map((slot) => toChoice(slot, state.quirks)),
    finishReason: finishReason(first),
    rawFinishReason: first?.finishReason,
    toolCalls,
    ...sourcesField(state.sources),
    usage: state.usage && parseUsage(state.usage),
    warnings,
  }
}

function toChoice(slot: Slot, quirks: ParseQuirks): AIChatChoice {
  const reasoning = signedByDetails(slot.reasoning, quirks.reasoningDetails ? slot.details : [])
  return {
    role: 'assistant',
    content: slot.content,
    ...(reasoning.length > 0 && { reasoning }),
    ...(slot.refusal !== '' && { refusal: slot.refusal }),
  }
}

/** A forced tool ends with `stop`, so tool calls take precedence over the vendor's finish reason. */
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

export function parseUsage(usage: JsonObject): AIChatCompletionUsage {
  const promptTokens = numberAt(usage, 'prompt_tokens')
  const totalTokens = numberAt(usage, 'total_tokens')
  const reasoningTokens = numberAt(objectAt(usage, 'completion_tokens_details'), 'reasoning_tokens')
  const said = numberAt(usage, 'completion_tokens')
  // xAI's models report reasoning tokens separately from completion tokens, which the total shows.
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
