import type { AIToolChoice } from '@activepieces/pieces-common'
import { isObject, type JsonObject, listAt, objectAt } from '../targets/fake-vendor.ts'
import { anthropicError } from './anthropic-messages-errors.ts'
import { type DecodedRequest, event, listOf, type Protocol, type ReplyFixture, type UsageFixture } from './protocol.ts'

/** Anthropic's Messages API. @see https://docs.anthropic.com/en/api/messages */
export const anthropicMessagesProtocol: Protocol = {
  name: 'anthropic-messages',
  matches: (path, body) => path.includes('/messages') && Array.isArray(body['messages']),
  request: {
    module: '@anthropic-ai/sdk/resources/messages/messages',
    type: 'MessageCreateParams',
    extraFields: [
      { field: 'temperature', reason: 'the SDK dropped it from the type; models up to Claude 4.6 still take it' },
    ],
  },
  encodePlain,
  encodeEvents,
  finishReasons: {
    end_turn: 'stop',
    stop_sequence: 'stop',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool-calls',
    refusal: 'content-filter',
  },
  error: anthropicError,
  decodeRequest,
  features: {
    signatures: true,
    encryptedReasoning: true,
    callsWithoutIndex: false,
    callsWithoutId: false,
    countsReasoning: true,
    argumentsAsText: false,
    unknownFinish: true,
    stop: true,
    requiresMaxTokens: true,
    rejectsEmptyText: true,
    pdfUrls: true,
  },
}

const HEAD = { id: 'msg_1', type: 'message', role: 'assistant', model: 'the-model-that-answered' }

// ---- Replies

function encodePlain(fixture: ReplyFixture): JsonObject {
  return {
    ...HEAD,
    content: blocksOf(fixture).map(({ whole }) => whole),
    stop_reason: finishOf(fixture),
    stop_sequence: null,
    ...(fixture.usage === null ? {} : { usage: usageOf(fixture.usage) }),
    ...(fixture.noise && { stop_details: null, container: null, made_up: { deep: 1 } }),
  }
}

type Block = { whole: JsonObject; start: JsonObject; deltas: JsonObject[] }

function blocksOf(fixture: ReplyFixture): Block[] {
  const { reasoning, encryptedReasoning } = fixture
  return [
    ...(reasoning ? [thinkingBlock(reasoning.text, reasoning.signature ?? '')] : []),
    ...(encryptedReasoning === undefined
      ? []
      : [indivisibleBlock({ type: 'redacted_thinking', data: encryptedReasoning })]),
    ...listOf(fixture.text).map(textBlock),
    ...(fixture.refusal === undefined ? [] : [textBlock(fixture.refusal)]),
    ...(fixture.toolCalls ?? []).map((call, index) =>
      toolBlock(call.id ?? `toolu_${index}`, call.name, listOf(call.arguments)),
    ),
  ]
}

function textBlock(text: string): Block {
  const half = Math.ceil([...text].length / 2)
  const parts = [[...text].slice(0, half).join(''), [...text].slice(half).join('')]
  const deltas = parts.map((part) => ({ type: 'text_delta', text: part }))
  return { whole: { type: 'text', text, citations: null }, start: { type: 'text', text: '' }, deltas }
}

function thinkingBlock(thinking: string, signature: string): Block {
  const deltas = [
    { type: 'thinking_delta', thinking },
    { type: 'signature_delta', signature },
  ]
  return {
    whole: { type: 'thinking', thinking, signature },
    start: { type: 'thinking', thinking: '', signature: '' },
    deltas,
  }
}

function indivisibleBlock(whole: JsonObject): Block {
  return { whole, start: whole, deltas: [] }
}

function toolBlock(id: string, name: string, parts: readonly string[]): Block {
  const head = { type: 'tool_use', id, name, caller: { type: 'direct' } }
  const deltas = ['', ...parts].map((part) => ({ type: 'input_json_delta', partial_json: part }))
  return { whole: { ...head, input: inputOf(parts.join('')) }, start: { ...head, input: {} }, deltas }
}

/** Returns the input as a JSON value. Invalid JSON stays text, which a real vendor cannot send. */
function inputOf(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return text
  }
}

function encodeEvents(fixture: ReplyFixture): string[] {
  const { output_tokens, ...prompt } = usageOf(fixture.usage ?? undefined)
  const start = { ...HEAD, content: [], stop_reason: null, stop_sequence: null }
  const counted = fixture.usage === null ? {} : { usage: { ...prompt, output_tokens: 1 } }
  const rest = fixture.usage === null ? {} : { usage: { output_tokens, ...detailsOf(fixture.usage) } }
  const noise = fixture.noise ? [{ type: 'ping' }, { type: 'made_up_event', deep: { a: 1 } }] : []
  const events: JsonObject[] = [
    { type: 'message_start', message: { ...start, ...counted } },
    ...noise,
    ...blocksOf(fixture).flatMap(({ start: content_block, deltas }, index) => [
      { type: 'content_block_start', index, content_block },
      ...noise,
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    { type: 'message_delta', delta: { stop_reason: finishOf(fixture), stop_sequence: null }, ...rest },
    { type: 'message_stop' },
  ]
  return events.map((data) => event(data, String(data['type'])))
}

function finishOf(fixture: ReplyFixture): string {
  return fixture.finish ?? (fixture.toolCalls ? 'tool_use' : fixture.refusal === undefined ? 'end_turn' : 'refusal')
}

/** `input_tokens` excludes cached tokens. */
function usageOf(
  { prompt, completion, cacheRead, cacheWrite, reasoning }: UsageFixture = { prompt: 9, completion: 4 },
): JsonObject {
  return {
    input_tokens: prompt - (cacheRead ?? 0) - (cacheWrite ?? 0),
    ...(cacheRead !== undefined && { cache_read_input_tokens: cacheRead }),
    ...(cacheWrite !== undefined && { cache_creation_input_tokens: cacheWrite }),
    output_tokens: completion,
    ...(reasoning !== undefined && { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

function detailsOf(usage: UsageFixture | undefined): JsonObject {
  return usage?.reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: usage.reasoning } }
}

// ---- Requests

function decodeRequest(body: JsonObject): DecodedRequest {
  const messages = listAt(body, 'messages')
  const blocks = messages.flatMap((message) => listAt(message, 'content'))
  const ofType = (type: string, list = blocks) => list.filter((block) => block['type'] === type)
  const results = ofType('tool_result')
  const inside = [...blocks, ...results.flatMap((result) => listAt(result, 'content'))]
  const choice = toolChoice(objectAt(body, 'tool_choice'))
  const single = objectAt(body, 'tool_choice')['disable_parallel_tool_use']
  const tools = listAt(body, 'tools').map(
    ({ input_schema: parameters, ...tool }): JsonObject => ({ ...tool, parameters }),
  )
  const forced =
    typeof choice === 'object' ? tools.find((tool) => tool['name'] === choice.tool)?.['parameters'] : undefined
  const schema = objectAt(objectAt(body, 'output_config'), 'format')['schema'] ?? forced
  return {
    system:
      typeof body['system'] === 'string'
        ? [body['system']]
        : listAt(body, 'system').map((block) => String(block['text'])),
    turns: messages.map((message) => ({ role: String(message['role']), text: textOf(message) })),
    temperature: body['temperature'],
    maxTokens: body['max_tokens'],
    stop: body['stop_sequences'],
    tools,
    toolChoice: choice,
    parallel: single === undefined ? undefined : !single,
    calls: ofType('tool_use').map(({ id, name, input }) => ({ id: String(id), name: String(name), arguments: input })),
    results: results.map((result) => ({
      id: String(result['tool_use_id']),
      text: textOf(result),
      failed: result['is_error'] === true,
    })),
    schema: isObject(schema) ? schema : undefined,
    images: ofType('image', inside).map(sourceOf),
    files: ofType('document', inside).map(sourceOf),
  }
}

function textOf(message: JsonObject): string {
  const { content } = message
  return typeof content === 'string'
    ? content
    : listAt(message, 'content')
        .map((block) => String(block['text'] ?? ''))
        .join('')
}

function sourceOf(block: JsonObject): string {
  const source = objectAt(block, 'source')
  return String(source['url'] ?? source['data'])
}

function toolChoice({ type, name }: JsonObject): AIToolChoice | undefined {
  if (type === 'tool') return { tool: String(name) }
  return type === 'any' || type === 'auto' || type === 'none' ? type : undefined
}
