import type { AIToolChoice } from '@activepieces/pieces-common'
import { isObject, type JsonObject, listAt, objectAt } from '../targets/fake-vendor.ts'
import { chatCompletionsError } from './chat-completions-errors.ts'
import {
  type DecodedRequest,
  event,
  listOf,
  type Protocol,
  type ReplyFixture,
  type ToolCallFixture,
  type UsageFixture,
} from './protocol.ts'

/** OpenAI's Chat Completions API. @see https://platform.openai.com/docs/api-reference/chat */
export const chatCompletionsProtocol: Protocol = {
  name: 'chat-completions',
  matches: (path, body) => path.includes('/chat/completions') && Array.isArray(body['messages']),
  request: {
    module: 'openai/resources/chat/completions/completions',
    type: 'ChatCompletionCreateParams',
    extraFields: [
      { field: 'messages[].reasoning', reason: 'some vendors accept reasoning in requests' },
      { field: 'messages[].reasoning_content', reason: 'some vendors accept reasoning in requests' },
      { field: 'messages[].reasoning_details', reason: 'OpenRouter accepts signed reasoning in requests' },
    ],
  },
  encodePlain,
  encodeEvents,
  finishReasons: {
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool-calls',
    function_call: 'tool-calls',
    content_filter: 'content-filter',
  },
  error: chatCompletionsError,
  decodeRequest,
  features: {
    signatures: false,
    encryptedReasoning: false,
    callsWithoutIndex: true,
    callsWithoutId: true,
    countsReasoning: true,
    argumentsAsText: true,
    unknownFinish: true,
    stop: true,
    requiresMaxTokens: false,
    rejectsEmptyText: false,
    pdfUrls: false,
  },
}

const HEAD = { id: 'chatcmpl-1', created: 1_790_000_000, model: 'the-model-that-answered' }

// ---- Replies

function encodePlain(fixture: ReplyFixture): JsonObject {
  const message = {
    role: 'assistant',
    content: fixture.text === undefined ? null : listOf(fixture.text).join(''),
    ...(fixture.reasoning && { reasoning_content: fixture.reasoning.text }),
    ...(fixture.reasoning?.signature && {
      reasoning_details: [{ ...detailOf(fixture.reasoning), ...signatureOf(fixture) }],
    }),
    ...(fixture.refusal !== undefined && { refusal: fixture.refusal }),
    ...(fixture.toolCalls && { tool_calls: fixture.toolCalls.map(wholeCall) }),
    ...(fixture.noise && { annotations: [], audio: null, made_up: { deep: 1 } }),
  }
  const choice = { index: 0, message, logprobs: null, finish_reason: finishOf(fixture) }
  return {
    ...HEAD,
    object: 'chat.completion',
    choices: [choice],
    ...usage(fixture),
    ...(fixture.noise && { service_tier: 'default' }),
  }
}

/** Creates an item of OpenRouter's reasoning details, which carry signatures. Other providers ignore them. */
function detailOf({ text }: NonNullable<ReplyFixture['reasoning']>): JsonObject {
  return { type: 'reasoning.text', text, format: 'anthropic-claude-v1', index: 0 }
}

function signatureOf({ reasoning }: ReplyFixture): JsonObject {
  return reasoning?.signature === undefined ? {} : { signature: reasoning.signature }
}

/** Creates the reasoning deltas. The signature follows the text. */
function reasoningDeltas(fixture: ReplyFixture): JsonObject[] {
  const { reasoning } = fixture
  if (!reasoning) return []
  const content = { reasoning_content: reasoning.text }
  if (!reasoning.signature) return [content]
  const { text: _text, ...detail } = detailOf(reasoning)
  return [
    { ...content, reasoning_details: [detailOf(reasoning)] },
    { reasoning_details: [{ ...detail, ...signatureOf(fixture) }] },
  ]
}

function wholeCall(call: ToolCallFixture) {
  return {
    ...(call.id !== undefined && { id: call.id }),
    type: 'function',
    function: { name: call.name, arguments: listOf(call.arguments).join('') },
  }
}

function encodeEvents(fixture: ReplyFixture): string[] {
  const deltas: JsonObject[] = [
    { role: 'assistant', content: '' },
    ...reasoningDeltas(fixture),
    ...listOf(fixture.text).map((content) => ({ content })),
    ...(fixture.refusal !== undefined ? [{ refusal: fixture.refusal }] : []),
    ...callsOf(fixture).map((call) => ({ tool_calls: [call] })),
  ]
  const chunks = deltas.map((delta) => chunk([{ index: 0, delta, logprobs: null, finish_reason: null }], fixture.noise))
  const end = chunk([{ index: 0, delta: {}, finish_reason: finishOf(fixture) }], fixture.noise)
  const counted = fixture.usage === null ? [] : [chunk([], false, usage(fixture))]
  const first = { ...chunk([]), id: '', model: '', object: '', created: 0, prompt_filter_results: [] }
  const noise = fixture.noise ? [event(first), event(chunk([])), ': PROCESSING\n\n'] : []
  return [...noise, ...[...chunks, end, ...counted].map((data) => event(data)), event('[DONE]')]
}

function chunk(choices: JsonObject[], noise = false, rest: JsonObject = {}): JsonObject {
  return {
    ...HEAD,
    object: 'chat.completion.chunk',
    choices,
    usage: null,
    ...(noise && { obfuscation: 'aB3', service_tier: null }),
    ...rest,
  }
}

function callsOf({ toolCalls = [], withoutIndex }: ReplyFixture): JsonObject[] {
  return withoutIndex ? toolCalls.map(wholeCall) : interleave(toolCalls.map(callDeltas))
}

/** Every delta has the index; the first one also has id and name. */
function callDeltas(call: ToolCallFixture, index: number): JsonObject[] {
  const [first = '', ...rest] = listOf(call.arguments)
  const id = call.id === undefined ? {} : { id: call.id }
  return [
    { index, ...id, type: 'function', function: { name: call.name, arguments: first } },
    ...rest.map((part) => ({ index, function: { arguments: part } })),
  ]
}

/** Interleaves the deltas of parallel calls. */
function interleave(lists: readonly JsonObject[][]): JsonObject[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat()
}

function finishOf(fixture: ReplyFixture): string {
  return fixture.finish ?? (fixture.toolCalls ? 'tool_calls' : 'stop')
}

function usage({ usage: tokens }: ReplyFixture): JsonObject {
  if (tokens === null) return {}
  const { prompt, completion, cacheRead, cacheWrite, reasoning }: UsageFixture = tokens ?? { prompt: 9, completion: 4 }
  const cache = {
    ...(cacheRead !== undefined && { cached_tokens: cacheRead }),
    ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
  }
  return {
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      ...(Object.keys(cache).length > 0 && { prompt_tokens_details: cache }),
      ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
    },
  }
}

// ---- Requests

function decodeRequest(body: JsonObject): DecodedRequest {
  const messages = listAt(body, 'messages')
  const isSystem = (message: JsonObject) => message['role'] === 'system' || message['role'] === 'developer'
  const others = messages.filter((message) => !isSystem(message))
  const parts = others.flatMap((message) => listAt(message, 'content'))
  const choice = toolChoice(body['tool_choice'])
  const forced =
    typeof choice === 'object'
      ? listAt(body, 'tools').find((tool) => objectAt(tool, 'function')['name'] === choice.tool)
      : undefined
  const native = objectAt(objectAt(body, 'response_format'), 'json_schema')['schema']
  const schema = native ?? (forced && objectAt(forced, 'function')['parameters'])
  return {
    system: messages.filter(isSystem).map(textOf),
    turns: others.map((message) => ({ role: String(message['role']), text: textOf(message) })),
    temperature: body['temperature'],
    maxTokens: body['max_completion_tokens'] ?? body['max_tokens'],
    stop: body['stop'],
    tools: listAt(body, 'tools').map((tool) => objectAt(tool, 'function')),
    toolChoice: choice,
    parallel: body['parallel_tool_calls'],
    calls: others.flatMap((message) => listAt(message, 'tool_calls')).map(toCall),
    results: others.filter((message) => message['role'] === 'tool').map(toResult),
    schema: isObject(schema) ? schema : undefined,
    images: parts
      .filter((part) => part['type'] === 'image_url')
      .map((part) => String(objectAt(part, 'image_url')['url'])),
    files: parts.filter((part) => part['type'] === 'file').map((part) => String(objectAt(part, 'file')['file_data'])),
  }
}

function textOf(message: JsonObject): string {
  const { content } = message
  return typeof content === 'string'
    ? content
    : listAt(message, 'content')
        .map((part) => String(part['text'] ?? ''))
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

function toolChoice(choice: unknown): AIToolChoice | undefined {
  if (isObject(choice)) return { tool: String(objectAt(choice, 'function')['name']) }
  return choice === 'required' ? 'any' : choice === 'auto' || choice === 'none' ? choice : undefined
}
