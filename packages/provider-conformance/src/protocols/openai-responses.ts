import type { AIToolChoice } from '@activepieces/pieces-common'
import { isObject, type JsonObject, listAt, objectAt } from '../targets/fake-vendor.ts'
import { chatCompletionsError } from './chat-completions-errors.ts'
import {
  type DecodedRequest,
  type ErrorFixture,
  type ErrorKind,
  event,
  listOf,
  type Protocol,
  type ReplyFixture,
  type ToolCallFixture,
  type UsageFixture,
} from './protocol.ts'

/** OpenAI's Responses API. @see https://platform.openai.com/docs/api-reference/responses */
export const openaiResponsesProtocol: Protocol = {
  name: 'openai-responses',
  matches: (path, body) => path.includes('/responses') && 'input' in body,
  request: {
    module: 'openai/resources/responses/responses',
    type: 'ResponseCreateParams',
    extraFields: [],
    optionalFields: [
      { field: 'input[].id', of: 'reasoning', reason: 'without storage, encrypted reasoning has no id' },
    ],
  },
  encodePlain: (fixture) =>
    responseOf(
      fixture,
      itemsOf(fixture).map(({ whole }) => whole),
    ),
  encodeEvents,
  finishReasons: { completed: 'stop', max_output_tokens: 'length', content_filter: 'content-filter' },
  error: responsesError,
  decodeRequest,
  features: {
    signatures: true,
    encryptedReasoning: false,
    callsWithoutIndex: false,
    callsWithoutId: false,
    countsReasoning: true,
    argumentsAsText: true,
    unknownFinish: true,
    stop: false,
    requiresMaxTokens: false,
    rejectsEmptyText: false,
    pdfUrls: true,
  },
}

// ---- Replies

/** Creates a response object. Without a fixture, it is in progress. */
function responseOf(fixture: ReplyFixture | undefined, output: JsonObject[]): JsonObject {
  const finish = fixture?.finish ?? 'completed'
  const status = fixture === undefined ? 'in_progress' : finish === 'completed' ? 'completed' : 'incomplete'
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_790_000_000,
    model: 'the-model-that-answered',
    status,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: finish } : null,
    output: [...(fixture?.noise ? [{ type: 'made_up_call', id: 'mu_1', status: 'completed' }] : []), ...output],
    ...(fixture === undefined || fixture.usage === null ? {} : { usage: usageOf(fixture.usage) }),
    ...(fixture?.noise && { made_up: { deep: 1 }, service_tier: 'default' }),
  }
}

/** An output item: when added, its events, and when done. */
type Item = { begun: JsonObject; between: JsonObject[]; whole: JsonObject }

function itemsOf({ reasoning, text, refusal, toolCalls = [] }: ReplyFixture): Item[] {
  const parts = [
    ...listOf(text).map((words) => ({ type: 'output_text', field: 'text', words })),
    ...(refusal === undefined ? [] : [{ type: 'refusal', field: 'refusal', words: refusal }]),
  ]
  return [
    ...(reasoning ? [reasoningItem(reasoning.text, reasoning.signature)] : []),
    ...(parts.length > 0 ? [messageItem(parts)] : []),
    ...toolCalls.map(callItem),
  ]
}

function reasoningItem(text: string, signature: string | undefined): Item {
  const head = { id: 'rs_1', type: 'reasoning', ...(signature !== undefined && { encrypted_content: signature }) }
  const summary = text === '' ? [] : [{ type: 'summary_text', text }]
  const between = summary.map(() => ({
    type: 'response.reasoning_summary_text.delta',
    summary_index: 0,
    delta: text,
  }))
  return { begun: { ...head, summary: [] }, between, whole: { ...head, summary } }
}

function messageItem(parts: { type: string; field: string; words: string }[]): Item {
  const head = { id: 'msg_1', type: 'message', role: 'assistant' }
  const content = parts.map(({ type, field, words }) => ({
    type,
    [field]: words,
    ...(type === 'output_text' && { annotations: [] }),
  }))
  const between = parts.flatMap(({ type, words }, content_index) => [
    { type: `response.${type}.delta`, content_index, delta: words },
    { type: `response.${type}.done`, content_index, [type === 'refusal' ? 'refusal' : 'text']: words },
  ])
  return {
    begun: { ...head, status: 'in_progress', content: [] },
    between,
    whole: { ...head, status: 'completed', content },
  }
}

function callItem(call: ToolCallFixture, index: number): Item {
  const head = { id: `fc_${index}`, type: 'function_call', call_id: call.id ?? `call_${index}`, name: call.name }
  const parts = listOf(call.arguments)
  const between = parts.map((delta) => ({ type: 'response.function_call_arguments.delta', delta }))
  return {
    begun: { ...head, status: 'in_progress', arguments: '' },
    between,
    whole: { ...head, status: 'completed', arguments: parts.join('') },
  }
}

function encodeEvents(fixture: ReplyFixture): string[] {
  const noise = fixture.noise
    ? [{ type: 'keepalive' }, { type: 'response.made_up.delta', delta: 'x', output_index: 0 }]
    : []
  const items = itemsOf(fixture)
  const shift = fixture.noise ? 1 : 0
  const finish = fixture.finish ?? 'completed'
  const events: JsonObject[] = [
    { type: 'response.created', response: responseOf(undefined, []) },
    { type: 'response.in_progress', response: responseOf(undefined, []) },
    ...noise,
    ...items.flatMap(({ begun, between, whole }, index) => [
      { type: 'response.output_item.added', output_index: index + shift, item: begun },
      ...between.map((data) => ({
        ...data,
        output_index: index + shift,
        ...(fixture.noise && { obfuscation: 'aB3' }),
      })),
      { type: 'response.output_item.done', output_index: index + shift, item: whole },
    ]),
    {
      type: finish === 'completed' ? 'response.completed' : 'response.incomplete',
      response: responseOf(
        fixture,
        items.map(({ whole }) => whole),
      ),
    },
  ]
  return events.map((data, sequence_number) => event({ ...data, sequence_number }, String(data['type'])))
}

function usageOf(
  { prompt, completion, cacheRead, cacheWrite, reasoning }: UsageFixture = { prompt: 9, completion: 4 },
) {
  const cache = {
    ...(cacheRead !== undefined && { cached_tokens: cacheRead }),
    ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
  }
  return {
    input_tokens: prompt,
    ...(Object.keys(cache).length > 0 && { input_tokens_details: cache }),
    output_tokens: completion,
    ...(reasoning !== undefined && { output_tokens_details: { reasoning_tokens: reasoning } }),
    total_tokens: prompt + completion,
  }
}

/** Encodes an error. In a stream, the vendor sends only some kinds. */
function responsesError(kind: ErrorKind): ErrorFixture {
  const { event: _event, ...fixture } = chatCompletionsError(kind)
  const error = objectAt(fixture.body, 'error')
  const code = IN_STREAM[kind]
  if (code === undefined) return fixture
  const data = { type: 'error', code, message: error['message'], param: error['param'] ?? null, sequence_number: 3 }
  return { ...fixture, event: event(data, 'error') }
}

const IN_STREAM: Partial<Record<ErrorKind, string>> = {
  'bad parameter': 'invalid_request_error',
  'context length': 'context_length_exceeded',
  'too fast': 'rate_limit_exceeded',
  'no credit': 'insufficient_quota',
  server: 'server_error',
}

// ---- Requests

function decodeRequest(body: JsonObject): DecodedRequest {
  const items: JsonObject[] =
    typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : listAt(body, 'input')
  const isSystem = ({ role }: JsonObject) => role === 'system' || role === 'developer'
  const messages = items.filter((item) => 'role' in item && !isSystem(item))
  const results = items.filter(({ type }) => type === 'function_call_output')
  const parts = [
    ...messages.flatMap((item) => listAt(item, 'content')),
    ...results.flatMap((item) => listAt(item, 'output')),
  ]
  const schema = objectAt(objectAt(body, 'text'), 'format')['schema']
  const tools = listAt(body, 'tools')
  const choice = toolChoice(body['tool_choice'])
  const forced = typeof choice === 'object' ? tools.find(({ name }) => name === choice.tool)?.['parameters'] : undefined
  const asked = schema ?? forced
  return {
    system: [
      ...(typeof body['instructions'] === 'string' ? [body['instructions']] : []),
      ...items.filter(isSystem).map(({ content }) => textOf(content)),
    ],
    turns: messages.map(({ role, content }) => ({ role: String(role), text: textOf(content) })),
    temperature: body['temperature'],
    maxTokens: body['max_output_tokens'],
    stop: body['stop'],
    tools,
    toolChoice: choice,
    parallel: body['parallel_tool_calls'],
    calls: items.filter(({ type }) => type === 'function_call').map(toCall),
    results: results.map(({ call_id, output }) => {
      const text = textOf(output)
      return { id: String(call_id), text, failed: text.startsWith('Error') }
    }),
    schema: isObject(asked) ? asked : undefined,
    images: parts.filter(({ type }) => type === 'input_image').map(({ image_url }) => String(image_url)),
    files: parts
      .filter(({ type }) => type === 'input_file')
      .map(({ file_url, file_data }) => String(file_url ?? file_data)),
  }
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return listAt({ content }, 'content')
    .map(({ text }) => String(text ?? ''))
    .join('')
}

function toCall({ call_id, name, arguments: text }: JsonObject) {
  return { id: String(call_id), name: String(name), arguments: JSON.parse(String(text)) as unknown }
}

function toolChoice(choice: unknown): AIToolChoice | undefined {
  if (isObject(choice)) return { tool: String(choice['name']) }
  return choice === 'required' ? 'any' : choice === 'auto' || choice === 'none' ? choice : undefined
}
