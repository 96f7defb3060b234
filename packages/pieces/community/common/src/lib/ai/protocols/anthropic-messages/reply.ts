import type {
  AIChatCompletionUsage,
  AIChatReply,
  AIChatStreamDelta,
  AIFinishReason,
  AIReasoning,
} from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { errorInReply } from '../../errors/read.ts'
import type { ChatCollector } from '../shared/chat-protocol.ts'
import { isObject, listAt, numberAt, objectAt, textAt, type WireObject } from '../shared/json.ts'
import { addSource, type Sources, sourcesField } from '../shared/sources.ts'
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'

// ---- wire → ours, whole

/** Parses a whole reply. @throws AIError for an error inside a 200 or a reply without content */
export function parse(reply: WireObject): AIChatReply {
  if (reply['type'] === 'error' || reply['error']) throw errorInReply(reply['error'] ?? reply)
  if (!Array.isArray(reply['content'])) {
    throw new AIError({ code: 'invalid-reply', message: 'The reply has no list of content blocks.' })
  }
  const gathered = emptyReply()
  readMessage(gathered, reply)
  return toReply(gathered, true)
}

// ---- wire → ours, streamed

export function collect(): ChatCollector {
  const gathered = emptyReply()
  let done = false
  return {
    accept(event) {
      const data: unknown = event.data === '' ? {} : JSON.parse(event.data)
      if (!isObject(data)) return []
      const type = textAt(data, 'type') ?? event.event
      if (type === 'error' || data['error']) throw errorInReply(data['error'] ?? data)
      if (type !== 'message_stop') return EVENTS[type]?.(gathered, data) ?? []
      done = true
      const { toolCalls } = parseToolCalls(rawCalls(gathered), true)
      return toolCalls.map((toolCall) => ({ type: 'tool-call', toolCall }))
    },
    done: () => done,
    result: () => toReply(gathered, done),
  }
}

/** The events that carry something; others (`ping`, what comes new) are passed over. */
const EVENTS: Record<string, (gathered: Gathered, event: WireObject) => AIChatStreamDelta[] | undefined> = table({
  message_start: (gathered, event) => {
    readMessage(gathered, objectAt(event, 'message'))
    return undefined
  },
  content_block_start: (gathered, event) => {
    const block = startBlock(objectAt(event, 'content_block'))
    readSources(gathered, objectAt(event, 'content_block'))
    gathered.blocks.set(numberAt(event, 'index') ?? gathered.blocks.size, block)
    return block.kind === 'text' && block.text !== '' ? [{ type: 'text-delta', text: block.text }] : undefined
  },
  content_block_delta: (gathered, event) => {
    const index = numberAt(event, 'index') ?? gathered.blocks.size - 1
    const block = gathered.blocks.get(index)
    readCitation(gathered, objectAt(objectAt(event, 'delta'), 'citation'))
    return block && readDelta(block, objectAt(event, 'delta'), () => callIndex(gathered, index))
  },
  message_delta: (gathered, event) => {
    gathered.stopReason = textAt(objectAt(event, 'delta'), 'stop_reason') ?? gathered.stopReason
    readUsage(gathered, objectAt(event, 'usage'))
    return undefined
  },
})

function readDelta(block: Block, delta: WireObject, indexOfCall: () => number): AIChatStreamDelta[] | undefined {
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

// ---- what both forms share: a reply in the making

type Block = {
  kind: string
  /** Text, thought, or the JSON text of a tool's input. */
  text: string
  signature: string
  id: string
  name: string
  /** A tool's input as the block's start has it: counts when no delta follows. */
  input: unknown
  data: string | undefined
}

type Gathered = {
  id: string | undefined
  model: string | undefined
  blocks: Map<number, Block>
  /** The pages that the text cites. */
  cited: Sources
  /** The pages that a search found: they count where the text cites none. */
  found: Sources
  stopReason: string | undefined
  usage: WireObject | undefined
}

function emptyReply(): Gathered {
  const head = { id: undefined, model: undefined, stopReason: undefined, usage: undefined }
  return { ...head, blocks: new Map(), cited: new Map(), found: new Map() }
}

function readMessage(gathered: Gathered, message: WireObject) {
  gathered.id = textAt(message, 'id')
  gathered.model = textAt(message, 'model')
  gathered.stopReason = textAt(message, 'stop_reason')
  for (const block of listAt(message, 'content')) {
    gathered.blocks.set(gathered.blocks.size, startBlock(block))
    readSources(gathered, block)
  }
  readUsage(gathered, objectAt(message, 'usage'))
}

/** A search's results are a block of their own; what the text takes from them stands on the text. */
function readSources(gathered: Gathered, block: WireObject) {
  for (const citation of listAt(block, 'citations')) readCitation(gathered, citation)
  if (block['type'] !== 'web_search_tool_result') return
  for (const page of listAt(block, 'content')) addSource(gathered.found, textAt(page, 'url'), textAt(page, 'title'))
}

function readCitation(gathered: Gathered, citation: WireObject) {
  if (citation['type'] !== 'web_search_result_location') return
  addSource(gathered.cited, textAt(citation, 'url'), textAt(citation, 'title'))
}

function startBlock(wire: WireObject): Block {
  return {
    kind: textAt(wire, 'type') ?? '',
    text: textAt(wire, 'text') ?? textAt(wire, 'thinking') ?? '',
    signature: textAt(wire, 'signature') ?? '',
    id: textAt(wire, 'id') ?? '',
    name: textAt(wire, 'name') ?? '',
    input: wire['input'],
    data: textAt(wire, 'data'),
  }
}

/** A stream's usage is cumulative: later values replace earlier ones, and what is absent stays. */
function readUsage(gathered: Gathered, usage: WireObject) {
  const news = Object.entries(usage).filter(([, value]) => value !== null && value !== undefined)
  if (news.length > 0) gathered.usage = { ...gathered.usage, ...Object.fromEntries(news) }
}

function toReply(gathered: Gathered, whole: boolean): AIChatReply {
  const blocks = [...gathered.blocks.values()]
  const content = blocks.flatMap((block) => (block.kind === 'text' ? [block.text] : [])).join('')
  const reasoning = blocks.flatMap(toReasoning)
  const { toolCalls, warnings } = parseToolCalls(rawCalls(gathered), whole)
  return {
    ...(gathered.id !== undefined && { id: gathered.id }),
    ...(gathered.model !== undefined && { model: gathered.model }),
    choices: [{ role: 'assistant', content, ...(reasoning.length > 0 && { reasoning }) }],
    finishReason: finishReason(gathered.stopReason, toolCalls.length > 0),
    rawFinishReason: gathered.stopReason,
    toolCalls,
    ...sourcesField(gathered.cited, gathered.found),
    usage: gathered.usage && parseUsage(gathered.usage),
    warnings,
  }
}

function toReasoning(block: Block): AIReasoning[] {
  if (block.kind === 'redacted_thinking') return [{ text: '', redacted: block.data ?? '', sealedBy: 'anthropic' }]
  if (block.kind !== 'thinking') return []
  const seal = block.signature === '' ? {} : { signature: block.signature, sealedBy: 'anthropic' }
  return [{ text: block.text, ...seal }]
}

/** A call without arguments streams an empty text, and a tool may come whole in its block's start. */
function rawCalls(gathered: Gathered): RawToolCall[] {
  const tools = [...gathered.blocks.values()].filter((block) => block.kind === 'tool_use')
  return withUniqueIds(
    tools.map(({ id, name, text, input }) => ({ id, name, arguments: text || JSON.stringify(input ?? {}) })),
  )
}

function callIndex(gathered: Gathered, blockIndex: number): number {
  return [...gathered.blocks].filter(([index, block]) => index < blockIndex && block.kind === 'tool_use').length
}

/** The calls decide, not the word. */
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

/** `input_tokens` leaves the cached parts out; our prompt tokens are all that was sent. */
export function parseUsage(usage: WireObject): AIChatCompletionUsage {
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
