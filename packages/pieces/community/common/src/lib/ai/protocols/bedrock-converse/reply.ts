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
import { table } from '../shared/table.ts'
import { parseToolCalls, type RawToolCall, withUniqueIds } from '../shared/tool-calls.ts'

// ---- complete responses

/** Parses a complete response. @throws AIError for an error inside a 200 or a missing message */
export function parse(reply: JsonObject): AIChatResponse {
  const message = objectAt(objectAt(reply, 'output'), 'message')
  if (!Array.isArray(message['content'])) {
    if (textAt(reply, 'message') ?? textAt(reply, '__type')) throw errorInResponse(reply)
    throw new AIError({ code: 'invalid-reply', message: 'The response has no message.' })
  }
  const blocks = listAt(message, 'content').map(completeBlock)
  return toResponse({ blocks, stopReason: textAt(reply, 'stopReason'), usage: reply['usage'] }, true)
}

function completeBlock(raw: JsonObject): Block {
  const tool = raw['toolUse']
  if (isObject(tool)) return { ...toolBlock(tool), text: JSON.stringify(tool['input'] ?? {}) }
  const thought = raw['reasoningContent']
  if (isObject(thought)) {
    const { text = '', signature = '' } = objectAt(thought, 'reasoningText')
    const encrypted = textAt(thought, 'redactedContent') ?? ''
    return { ...emptyBlock('reasoning'), text: String(text), signature: String(signature), encrypted }
  }
  // Text with citations arrives in parts.
  const cited = listAt(objectAt(raw, 'citationsContent'), 'content').map((part) => textAt(part, 'text') ?? '')
  return { ...emptyBlock('text'), text: textAt(raw, 'text') ?? cited.join('') }
}

// ---- streams

/** A stream is complete when it has a stop reason and usage, almost always in this order. */
export function collect(): ChatCollector {
  const blocks = new Map<number, Block>()
  const heard = new Set<string>()
  let stopReason: string | undefined
  let usage: unknown
  const done = () => heard.has('messageStop') && heard.has('metadata')
  const state = () => ({ blocks: [...blocks.values()], stopReason, usage })
  return {
    accept({ event, data }) {
      const fields: unknown = data === '' ? {} : JSON.parse(data)
      if (!isObject(fields)) return []
      heard.add(event)
      if (event === 'contentBlockStart') startBlock(blocks, fields)
      if (event === 'contentBlockDelta') return readDelta(blocks, fields)
      if (event === 'metadata') usage = fields['usage'] ?? usage
      if (event !== 'messageStop') return []
      stopReason = textAt(fields, 'stopReason')
      const { toolCalls } = parseToolCalls(rawCalls([...blocks.values()]), true)
      return toolCalls.map((toolCall) => ({ type: 'tool-call', toolCall }))
    },
    done,
    result: () => toResponse(state(), heard.has('messageStop')),
  }
}

/** Only the start of a tool has content. */
function startBlock(blocks: Map<number, Block>, event: JsonObject): void {
  const tool = objectAt(event, 'start')['toolUse']
  if (isObject(tool)) blocks.set(numberAt(event, 'contentBlockIndex') ?? blocks.size, toolBlock(tool))
}

function readDelta(blocks: Map<number, Block>, event: JsonObject): AIChatStreamDelta[] {
  const index = numberAt(event, 'contentBlockIndex') ?? Math.max(0, blocks.size - 1)
  const delta = objectAt(event, 'delta')
  const tool = delta['toolUse']
  const thought = delta['reasoningContent']
  const block = blocks.get(index) ?? emptyBlock(isObject(thought) ? 'reasoning' : 'text')
  if (isObject(tool)) {
    const json = textAt(tool, 'input') ?? ''
    block.text += json
    if (block.kind !== 'toolUse') return []
    const before = [...blocks].filter(([other, { kind }]) => other < index && kind === 'toolUse')
    return [{ type: 'tool-call-delta', index: before.length, id: block.id, name: block.name, arguments: json }]
  }
  blocks.set(index, block)
  const text = textAt(isObject(thought) ? thought : delta, 'text') ?? ''
  block.text += text
  if (isObject(thought)) {
    block.signature += textAt(thought, 'signature') ?? ''
    block.encrypted = joinBase64(block.encrypted, textAt(thought, 'redactedContent') ?? '')
  }
  if (text === '') return []
  return [block.kind === 'reasoning' ? { type: 'reasoning-delta', text } : { type: 'text-delta', text }]
}

/** Joins base64 chunks by their bytes, because each is padded. */
function joinBase64(one: string, other: string): string {
  if (one === '' || other === '') return one + other
  return Buffer.concat([Buffer.from(one, 'base64'), Buffer.from(other, 'base64')]).toString('base64')
}

// ---- what responses and streams share

type Block = {
  /** `other` is ignored. */
  kind: 'text' | 'reasoning' | 'toolUse' | 'other'
  /** Text, reasoning, or the JSON of a tool's input. */
  text: string
  signature: string
  encrypted: string
  id: string
  name: string
}

type CollectorState = { blocks: readonly Block[]; stopReason: string | undefined; usage: unknown }

function emptyBlock(kind: Block['kind']): Block {
  return { kind, text: '', signature: '', encrypted: '', id: '', name: '' }
}

/** The vendor's own tools run at the vendor; their calls do not wait for a result. */
function toolBlock(tool: JsonObject): Block {
  const [id = '', name = ''] = [textAt(tool, 'toolUseId'), textAt(tool, 'name')]
  return { ...emptyBlock(tool['type'] === 'server_tool_use' ? 'other' : 'toolUse'), id, name }
}

function rawCalls(blocks: readonly Block[]): RawToolCall[] {
  const tools = blocks.filter(({ kind }) => kind === 'toolUse')
  return withUniqueIds(tools.map(({ id, name, text }) => ({ id, name, arguments: text })))
}

function toResponse({ blocks, stopReason, usage }: CollectorState, isComplete: boolean): AIChatResponse {
  const content = blocks.map(({ kind, text }) => (kind === 'text' ? text : '')).join('')
  const reasoning = blocks.flatMap(toReasoning)
  const { toolCalls, warnings } = parseToolCalls(rawCalls(blocks), isComplete)
  return {
    choices: [{ role: 'assistant', content, ...(reasoning.length > 0 && { reasoning }) }],
    finishReason: finishReason(stopReason, toolCalls.length > 0),
    rawFinishReason: stopReason,
    toolCalls,
    usage: isObject(usage) ? parseUsage(usage) : undefined,
    warnings,
  }
}

function toReasoning({ kind, text, signature, encrypted }: Block): AIReasoning[] {
  if (kind !== 'reasoning') return []
  const signedBy = 'amazon-bedrock'
  const open = text === '' && signature === '' ? [] : [{ text, ...(signature !== '' && { signature, signedBy }) }]
  return encrypted === '' ? open : [...open, { text: '', encrypted, signedBy }]
}

/** Tool calls take precedence over the vendor's finish reason. */
function finishReason(word: string | undefined, calls: boolean): AIFinishReason {
  const known = STOP_REASONS[word ?? ''] ?? 'other'
  return known === 'stop' && calls ? 'tool-calls' : known
}

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
const STOP_REASONS: Record<string, AIFinishReason> = table({
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
})

/** `inputTokens` excludes cached tokens; our prompt tokens include them. */
export function parseUsage(usage: JsonObject): AIChatCompletionUsage {
  const input = numberAt(usage, 'inputTokens')
  const completionTokens = numberAt(usage, 'outputTokens')
  const cacheReadTokens = numberAt(usage, 'cacheReadInputTokens')
  const cacheWriteTokens = numberAt(usage, 'cacheWriteInputTokens')
  const promptTokens = input === undefined ? undefined : input + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0)
  return {
    promptTokens,
    completionTokens,
    totalTokens:
      promptTokens === undefined || completionTokens === undefined ? undefined : promptTokens + completionTokens,
    cacheReadTokens,
    cacheWriteTokens,
    raw: usage,
  }
}
