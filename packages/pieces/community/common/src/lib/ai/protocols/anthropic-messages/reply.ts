import type {
  AIChatCompletionUsage,
  AIChatResponse,
  AIChatStreamDelta,
  AIFinishReason,
  AIReasoning,
} from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInResponse } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, type JsonObject, listAt, numberAt, objectAt, textAt } from '../shared/json.ts'
import { addSource, type Sources, sourcesField } from '../shared/sources.ts'
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'

// ---- complete responses

/** Parses a complete response. @throws AIError for an error inside a 200 or missing content */
export function parse(reply: JsonObject): AIChatResponse {
  if (reply['type'] === 'error' || reply['error']) throw errorInResponse(reply['error'] ?? reply)
  if (!Array.isArray(reply['content'])) {
    throw new AIError({ code: 'invalid-reply', message: 'The response has no list of content blocks.' })
  }
  const state = emptyResponse()
  readMessage(state, reply)
  return toResponse(state, true)
}

// ---- streams

export function collect(): ChatCollector {
  const state = emptyResponse()
  let done = false
  return {
    accept(event) {
      const data: unknown = event.data === '' ? {} : JSON.parse(event.data)
      if (!isObject(data)) return []
      const type = textAt(data, 'type') ?? event.event
      if (type === 'error' || data['error']) throw errorInResponse(data['error'] ?? data)
      if (type !== 'message_stop') return EVENTS[type]?.(state, data) ?? []
      done = true
      const { toolCalls } = parseToolCalls(rawCalls(state), true)
      return toolCalls.map((toolCall) => ({ type: 'tool-call', toolCall }))
    },
    done: () => done,
    result: () => toResponse(state, done),
  }
}

/** Handlers by event type. Others (`ping`, future types) are ignored. */
const EVENTS: Record<string, (state: CollectorState, event: JsonObject) => AIChatStreamDelta[] | undefined> = table({
  message_start: (state, event) => {
    readMessage(state, objectAt(event, 'message'))
    return undefined
  },
  content_block_start: (state, event) => {
    const block = startBlock(objectAt(event, 'content_block'))
    readSources(state, objectAt(event, 'content_block'))
    state.blocks.set(numberAt(event, 'index') ?? state.blocks.size, block)
    return block.kind === 'text' && block.text !== '' ? [{ type: 'text-delta', text: block.text }] : undefined
  },
  content_block_delta: (state, event) => {
    const index = numberAt(event, 'index') ?? state.blocks.size - 1
    const block = state.blocks.get(index)
    readCitation(state, objectAt(objectAt(event, 'delta'), 'citation'))
    return block && readDelta(block, objectAt(event, 'delta'), () => callIndex(state, index))
  },
  message_delta: (state, event) => {
    state.stopReason = textAt(objectAt(event, 'delta'), 'stop_reason') ?? state.stopReason
    readUsage(state, objectAt(event, 'usage'))
    return undefined
  },
})

function readDelta(block: Block, delta: JsonObject, indexOfCall: () => number): AIChatStreamDelta[] | undefined {
  const text = textAt(delta, 'text') ?? textAt(delta, 'thinking') ?? ''
  block.text += text
  block.signature += textAt(delta, 'signature') ?? ''
  if (block.kind === 'text' && text !== '') return [{ type: 'text-delta', text }]
  if (block.kind === 'thinking' && text !== '') return [{ type: 'reasoning-delta', text }]
  const json = delta['partial_json']
  if (block.kind !== 'tool_use' || typeof json !== 'string') return undefined
  block.text += json
  return [{ type: 'tool-call-delta', index: indexOfCall(), id: block.id, name: block.name, arguments: json }]
}

// ---- what responses and streams share

type Block = {
  kind: string
  /** Text, reasoning, or the JSON of a tool's input. */
  text: string
  signature: string
  id: string
  name: string
  /** A tool's input at the start of the block; used if no delta follows. */
  input: unknown
  data: string | undefined
}

type CollectorState = {
  id: string | undefined
  model: string | undefined
  blocks: Map<number, Block>
  /** Pages that the text cites. */
  cited: Sources
  /** Pages that a search found; used if the text cites none. */
  found: Sources
  stopReason: string | undefined
  usage: JsonObject | undefined
}

function emptyResponse(): CollectorState {
  const head = { id: undefined, model: undefined, stopReason: undefined, usage: undefined }
  return { ...head, blocks: new Map(), cited: new Map(), found: new Map() }
}

function readMessage(state: CollectorState, message: JsonObject) {
  state.id = textAt(message, 'id')
  state.model = textAt(message, 'model')
  state.stopReason = textAt(message, 'stop_reason')
  for (const block of listAt(message, 'content')) {
    state.blocks.set(state.blocks.size, startBlock(block))
    readSources(state, block)
  }
  readUsage(state, objectAt(message, 'usage'))
}

/** Search results have their own block; citations are part of a text block. */
function readSources(state: CollectorState, block: JsonObject) {
  for (const citation of listAt(block, 'citations')) readCitation(state, citation)
  if (block['type'] !== 'web_search_tool_result') return
  for (const page of listAt(block, 'content')) addSource(state.found, textAt(page, 'url'), textAt(page, 'title'))
}

function readCitation(state: CollectorState, citation: JsonObject) {
  if (citation['type'] !== 'web_search_result_location') return
  addSource(state.cited, textAt(citation, 'url'), textAt(citation, 'title'))
}

function startBlock(raw: JsonObject): Block {
  return {
    kind: textAt(raw, 'type') ?? '',
    text: textAt(raw, 'text') ?? textAt(raw, 'thinking') ?? '',
    signature: textAt(raw, 'signature') ?? '',
    id: textAt(raw, 'id') ?? '',
    name: textAt(raw, 'name') ?? '',
    input: raw['input'],
    data: textAt(raw, 'data'),
  }
}

/** The usage of a stream is cumulative: later values replace earlier ones. */
function readUsage(state: CollectorState, usage: JsonObject) {
  const news = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined)
  if (news.length > 0) state.usage = { ...state.usage, ...Object.fromEntries(news) }
}

function toResponse(state: CollectorState, isComplete: boolean): AIChatResponse {
  const blocks = [...state.blocks.values()]
  const content = blocks.flatMap((block) => (block.kind === 'text' ? [block.text] : [])).join('')
  const reasoning = blocks.flatMap(toReasoning)
  const { toolCalls, warnings } = parseToolCalls(rawCalls(state), isComplete)
  return {
    ...(state.id !== undefined && { id: state.id }),
    ...(state.model !== undefined && { model: state.model }),
    choices: [{ role: 'assistant', content, ...(reasoning.length > 0 && { reasoning }) }],
    finishReason: finishReason(state.stopReason, toolCalls.length > 0),
    rawFinishReason: state.stopReason,
    toolCalls,
    ...sourcesField(state.cited, state.found),
    usage: state.usage && parseUsage(state.usage),
    warnings,
  }
}

function toReasoning(block: Block): AIReasoning[] {
  if (block.kind === 'redacted_thinking') return [{ text: '', encrypted: block.data ?? '', signedBy: 'anthropic' }]
  if (block.kind !== 'thinking') return []
  const signature = block.signature === '' ? {} : { signature: block.signature, signedBy: 'anthropic' }
  return [{ text: block.text, ...signature }]
}

/** A call without arguments streams empty text, and a tool may be complete at the start of its block. */
function rawCalls(state: CollectorState): RawToolCall[] {
  const tools = [...state.blocks.values()].filter((block) => block.kind === 'tool_use')
  return withUniqueIds(
    tools.map(({ id, name, text, input }) => ({ id, name, arguments: text || JSON.stringify(input ?? {}) })),
  )
}

function callIndex(state: CollectorState, blockIndex: number): number {
  return [...state.blocks].filter(([index, block]) => index < blockIndex && block.kind === 'tool_use').length
}

/** Tool calls take precedence over the vendor's finish reason. */
function finishReason(word: string | undefined, calls: boolean): AIFinishReason {
  const known = STOP_REASONS[word ?? ''] ?? 'other'
  return known === 'stop' && calls ? 'tool-calls' : known
}

const STOP_REASONS: Record<string, AIFinishReason> = table({
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool-calls',
  refusal: 'content-filter',
})

/** `input_tokens` excludes cached tokens; our prompt tokens include them. */
export function parseUsage(usage: JsonObject): AIChatCompletionUsage {
  const input = numberAt(usage, 'input_tokens')
  const cacheReadTokens = numberAt(usage, 'cache_read_input_tokens')
  const cacheWriteTokens = numberAt(usage, 'cache_creation_input_tokens')
  const completionTokens = numberAt(usage, 'output_tokens')
  const promptTokens = input === undefined ? undefined : input + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0)
  return {
    promptTokens,
    completionTokens,
    totalTokens:
      promptTokens === undefined || completionTokens === undefined ? undefined : promptTokens + completionTokens,
    cacheReadTokens,
    cacheWriteTokens,
    reasoningTokens: numberAt(objectAt(usage, 'output_tokens_details'), 'thinking_tokens'),
    raw: usage,
  }
}
