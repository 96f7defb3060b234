import type { AIToolChoice } from '@activepieces/pieces-common'
import { isObject, type JsonObject, listAt, objectAt } from '../targets/fake-vendor.ts'
import { chatCompletionsError } from './chat-completions-errors.ts'
import { event, type Heard, listOf, type SaidCall, type SaidUsage, type Saying, type Wire } from './protocol.ts'

/** OpenAI's chat completions. @see https://platform.openai.com/docs/api-reference/chat */
export const chatCompletionsWire: Wire = {
  name: 'chat-completions',
  speaks: (path, body) => path.includes('/chat/completions') && Array.isArray(body['messages']),
  request: {
    module: 'openai/resources/chat/completions/completions',
    type: 'ChatCompletionCreateParams',
    besides: [
      { field: 'messages[].reasoning', reason: 'vendors that take thoughts back' },
      { field: 'messages[].reasoning_content', reason: 'vendors that take thoughts back' },
      { field: 'messages[].reasoning_details', reason: 'OpenRouter takes sealed thoughts back' },
    ],
  },
  plain,
  events,
  finishReasons: {
    stop: 'stop',
    length: 'length',
    tool_calls: 'tool-calls',
    function_call: 'tool-calls',
    content_filter: 'content-filter',
  },
  error: chatCompletionsError,
  hear,
  can: {
    signatures: false,
    redacted: false,
    callsWithoutIndex: true,
    callsWithoutId: true,
    countsReasoning: true,
    argumentsAsText: true,
    unknownFinish: true,
    stop: true,
    demandsMaxTokens: false,
    refusesEmptyText: false,
    pdfUrls: false,
  },
}

const HEAD = { id: 'chatcmpl-1', created: 1_790_000_000, model: 'the-model-that-answered' }

// ---- what the vendor says

function plain(saying: Saying): JsonObject {
  const message = {
    role: 'assistant',
    content: saying.text === undefined ? null : listOf(saying.text).join(''),
    ...(saying.reasoning && { reasoning_content: saying.reasoning.text }),
    ...(saying.reasoning?.signature && { reasoning_details: [{ ...detailOf(saying.reasoning), ...sealOf(saying) }] }),
    ...(saying.refusal !== undefined && { refusal: saying.refusal }),
    ...(saying.toolCalls && { tool_calls: saying.toolCalls.map(wholeCall) }),
    ...(saying.noise && { annotations: [], audio: null, made_up: { deep: 1 } }),
  }
  const choice = { index: 0, message, logprobs: null, finish_reason: finishOf(saying) }
  return {
    ...HEAD,
    object: 'chat.completion',
    choices: [choice],
    ...usage(saying),
    ...(saying.noise && { service_tier: 'default' }),
  }
}

/** OpenRouter has a list of details besides, the seals of the vendors behind it among them; nobody else looks at it. */
function detailOf({ text }: NonNullable<Saying['reasoning']>): JsonObject {
  return { type: 'reasoning.text', text, format: 'anthropic-claude-v1', index: 0 }
}

function sealOf({ reasoning }: Saying): JsonObject {
  return reasoning?.signature === undefined ? {} : { signature: reasoning.signature }
}

/** The seal comes after the thought. */
function thoughtsOf(saying: Saying): JsonObject[] {
  const { reasoning } = saying
  if (!reasoning) return []
  const words = { reasoning_content: reasoning.text }
  if (!reasoning.signature) return [words]
  const { text: _text, ...detail } = detailOf(reasoning)
  return [
    { ...words, reasoning_details: [detailOf(reasoning)] },
    { reasoning_details: [{ ...detail, ...sealOf(saying) }] },
  ]
}

function wholeCall(call: SaidCall) {
  return {
    ...(call.id !== undefined && { id: call.id }),
    type: 'function',
    function: { name: call.name, arguments: listOf(call.arguments).join('') },
  }
}

function events(saying: Saying): string[] {
  const deltas: JsonObject[] = [
    { role: 'assistant', content: '' },
    ...thoughtsOf(saying),
    ...listOf(saying.text).map((content) => ({ content })),
    ...(saying.refusal !== undefined ? [{ refusal: saying.refusal }] : []),
    ...callsOf(saying).map((call) => ({ tool_calls: [call] })),
  ]
  const chunks = deltas.map((delta) => chunk([{ index: 0, delta, logprobs: null, finish_reason: null }], saying.noise))
  const end = chunk([{ index: 0, delta: {}, finish_reason: finishOf(saying) }], saying.noise)
  const counted = saying.usage === null ? [] : [chunk([], false, usage(saying))]
  const first = { ...chunk([]), id: '', model: '', object: '', created: 0, prompt_filter_results: [] }
  const noise = saying.noise ? [event(first), event(chunk([])), ': PROCESSING\n\n'] : []
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

function callsOf({ toolCalls = [], withoutIndex }: Saying): JsonObject[] {
  return withoutIndex ? toolCalls.map(wholeCall) : interleave(toolCalls.map(callDeltas))
}

/** The index stands in each delta, id and name in the first. */
function callDeltas(call: SaidCall, index: number): JsonObject[] {
  const [first = '', ...rest] = listOf(call.arguments)
  const id = call.id === undefined ? {} : { id: call.id }
  return [
    { index, ...id, type: 'function', function: { name: call.name, arguments: first } },
    ...rest.map((part) => ({ index, function: { arguments: part } })),
  ]
}

/** Calls begin in order, then their parts come in turns. */
function interleave(lists: readonly JsonObject[][]): JsonObject[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, place) => lists.flatMap((list) => list.slice(place, place + 1))).flat()
}

function finishOf(saying: Saying): string {
  return saying.finish ?? (saying.toolCalls ? 'tool_calls' : 'stop')
}

function usage({ usage: said }: Saying): JsonObject {
  if (said === null) return {}
  const { prompt, completion, cacheRead, cacheWrite, reasoning }: SaidUsage = said ?? { prompt: 9, completion: 4 }
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

// ---- what was sent

function hear(body: JsonObject): Heard {
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
