import type { AIToolChoice } from '@activepieces/pieces-common'
import { isObject, type JsonObject, listAt, objectAt } from '../targets/fake-vendor.ts'
import { cohereError } from './cohere-chat-errors.ts'
import {
  type DecodedRequest,
  event,
  listOf,
  type Protocol,
  type ReplyFixture,
  type ToolCallFixture,
  type UsageFixture,
} from './protocol.ts'

/** Cohere's Chat API, version 2. @see https://docs.cohere.com/reference/chat */
export const cohereChatProtocol: Protocol = {
  name: 'cohere-chat',
  matches: (path, body) => path.endsWith('/v2/chat') && Array.isArray(body['messages']),
  request: { module: './protocols/cohere-chat-request.ts', type: 'ChatRequest', extraFields: [] },
  encodePlain: (fixture) => ({
    id: ID,
    message: {
      role: 'assistant',
      ...(contentOf(fixture).length > 0 && { content: contentOf(fixture) }),
      ...(fixture.toolCalls && { tool_calls: fixture.toolCalls.map(callOf) }),
      ...(fixture.noise && { citations: [CITATION], made_up: { deep: 1 } }),
    },
    ...endOf(fixture),
    ...(fixture.noise && { logprobs: null }),
  }),
  encodeEvents,
  finishReasons: {
    COMPLETE: 'stop',
    STOP_SEQUENCE: 'stop',
    MAX_TOKENS: 'length',
    TOOL_CALL: 'tool-calls',
  },
  error: cohereError,
  decodeRequest,
  features: {
    signatures: false,
    encryptedReasoning: false,
    callsWithoutIndex: false,
    callsWithoutId: false,
    countsReasoning: true,
    argumentsAsText: true,
    unknownFinish: true,
    stop: true,
    requiresMaxTokens: false,
    rejectsEmptyText: false,
    pdfUrls: false,
    refusesInText: true,
    omitsModel: true,
    lacksNamedToolChoice: true,
  },
}

const ID = '5c8d7cf0-84d0-4b5f-9424-345166871180'
const CITATION = { start: 0, end: 3, text: 'Yes', sources: [], type: 'TEXT_CONTENT' }

// ---- Replies

function contentOf({ reasoning, text }: ReplyFixture): JsonObject[] {
  return [
    ...(reasoning ? [{ type: 'thinking', thinking: reasoning.text }] : []),
    ...listOf(text).map((words) => ({ type: 'text', text: words })),
  ]
}

function callOf({ id, name, arguments: given }: ToolCallFixture): JsonObject {
  return {
    ...(id !== undefined && { id }),
    type: 'function',
    function: { name, arguments: listOf(given).join('') },
  }
}

function endOf(fixture: ReplyFixture): JsonObject {
  const finish = fixture.finish ?? (fixture.toolCalls ? 'TOOL_CALL' : 'COMPLETE')
  return { finish_reason: finish, ...(fixture.usage !== null && { usage: usageOf(fixture.usage) }) }
}

function usageOf(usage: UsageFixture = { prompt: 9, completion: 4 }): JsonObject {
  const { prompt, completion, cacheRead, reasoning } = usage
  return {
    billed_units: { input_tokens: 1, output_tokens: 1 },
    tokens: {
      input_tokens: prompt,
      output_tokens: completion,
      ...(reasoning !== undefined && { reasoning_tokens: reasoning }),
    },
    ...(cacheRead !== undefined && { cached_tokens: cacheRead }),
  }
}

/** Encodes a stream. Each block has a start, deltas and an end; the last event is `message-end`. */
function encodeEvents(fixture: ReplyFixture): string[] {
  const start = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  const blocks = contentOf(fixture).flatMap((part, index) => contentEvents(part, index))
  const calls = fixture.toolCalls ?? []
  const noise: JsonObject[] = fixture.noise
    ? [
        { type: 'citation-start', index: 0, delta: { message: { citations: CITATION } } },
        { type: 'citation-end', index: 0 },
        { type: 'made-up', delta: {} },
      ]
    : []
  const all: JsonObject[] = [
    { id: ID, type: 'message-start', delta: { message: start } },
    ...noise,
    ...blocks,
    ...calls.map((call, index) => callStart(call, index)),
    ...interleave(calls.map(callDeltas)),
    ...calls.map((_, index) => ({ type: 'tool-call-end', index })),
    ...noise,
    { type: 'message-end', delta: endOf(fixture) },
  ]
  return all.map((data) => event(data, String(data['type'])))
}

function contentEvents(part: JsonObject, index: number): JsonObject[] {
  const { type, ...content } = part
  const field = Object.keys(content)[0] ?? 'text'
  return [
    { type: 'content-start', index, delta: { message: { content: { type, [field]: '' } } } },
    { type: 'content-delta', index, delta: { message: { content } } },
    { type: 'content-end', index },
  ]
}

function callStart({ id, name }: ToolCallFixture, index: number): JsonObject {
  const call = { ...(id !== undefined && { id }), type: 'function', function: { name, arguments: '' } }
  return { type: 'tool-call-start', index, delta: { message: { tool_calls: call } } }
}

function callDeltas({ arguments: given }: ToolCallFixture, index: number): JsonObject[] {
  return listOf(given)
    .filter((text) => text !== '')
    .map((text) => ({
      type: 'tool-call-delta',
      index,
      delta: { message: { tool_calls: { function: { arguments: text } } } },
    }))
}

function interleave(lists: readonly JsonObject[][]): JsonObject[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat()
}

// ---- Requests

function decodeRequest(body: JsonObject): DecodedRequest {
  const messages = listAt(body, 'messages')
  const others = messages.filter(({ role }) => role !== 'system')
  const tools = listAt(body, 'tools').map((tool) => objectAt(tool, 'function'))
  const schema = objectAt(body, 'response_format')['json_schema']
  return {
    system: messages.filter(({ role }) => role === 'system').map(textOf),
    turns: others.map((message) => ({ role: String(message['role']), text: textOf(message) })),
    temperature: body['temperature'],
    maxTokens: body['max_tokens'],
    stop: body['stop_sequences'],
    tools,
    toolChoice: toolChoice(body['tool_choice'], tools),
    parallel: undefined, // not supported by the protocol
    calls: others.flatMap((message) => listAt(message, 'tool_calls')).map(toCall),
    results: others.filter(({ role }) => role === 'tool').map(toResult),
    schema: isObject(schema) ? schema : undefined,
    images: others
      .flatMap((message) => listAt(message, 'content'))
      .filter(({ type }) => type === 'image_url')
      .map((part) => String(objectAt(part, 'image_url')['url'])),
    files: [],
  }
}

function textOf(message: JsonObject): string {
  const { content } = message
  if (typeof content === 'string') return content
  return listAt(message, 'content')
    .map(({ text }) => String(text ?? ''))
    .join('')
}

function toCall(call: JsonObject) {
  const { name, arguments: text } = objectAt(call, 'function')
  return { id: String(call['id']), name: String(name), arguments: JSON.parse(String(text)) as unknown }
}

function toResult(message: JsonObject) {
  const text = textOf(message)
  return { id: String(message['tool_call_id']), text, failed: text.startsWith('Error') }
}

/** Without a tool choice, the vendor uses `auto`. */
function toolChoice(choice: unknown, tools: readonly JsonObject[]): AIToolChoice | undefined {
  if (choice === 'REQUIRED') return 'any'
  return choice === 'NONE' ? 'none' : tools.length > 0 ? 'auto' : undefined
}
