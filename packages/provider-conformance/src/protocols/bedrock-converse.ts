import type { AIToolChoice } from '@activepieces/pieces-common'
import { encodeEventStreamFrame } from '@copilotkit/aimock'
import { isObject, type JsonObject, listAt, objectAt } from '../targets/fake-vendor.ts'
import { converseError } from './bedrock-converse-errors.ts'
import { type DecodedRequest, event, listOf, type Protocol, type ReplyFixture, type UsageFixture } from './protocol.ts'

/** Amazon Bedrock's Converse API. @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const bedrockConverseProtocol: Protocol = {
  name: 'bedrock-converse',
  matches: (path, body) => /\/model\/[^/]+\/converse(-stream)?$/.test(path) && Array.isArray(body['messages']),
  asksForStream: (path) => path.endsWith('/converse-stream'),
  request: { module: './protocols/bedrock-converse-request.ts', type: 'ConverseRequest', extraFields: [] },
  encodePlain,
  encodeEvents,
  frames: { contentType: 'application/vnd.amazon.eventstream', encode: encodeFrames },
  headers: { 'x-amzn-requestid': 'ee1ff1e8-b620-4099-aa92-9719b631ac15' },
  finishReasons: {
    end_turn: 'stop',
    stop_sequence: 'stop',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool-calls',
    guardrail_intervened: 'content-filter',
    content_filtered: 'content-filter',
    malformed_model_output: 'other',
    malformed_tool_use: 'other',
  },
  error: converseError,
  decodeRequest,
  features: {
    signatures: true,
    encryptedReasoning: true,
    callsWithoutIndex: false,
    callsWithoutId: false,
    countsReasoning: false,
    argumentsAsText: false,
    omitsModel: true,
    errorTypeInHeader: true,
    unknownFinish: true,
    stop: true,
    requiresMaxTokens: false,
    rejectsEmptyText: true,
    pdfUrls: false,
  },
}

// ---- Replies

function encodePlain(fixture: ReplyFixture): JsonObject {
  const content = blocksOf(fixture).map(({ whole }) => whole)
  return {
    metrics: { latencyMs: 551 },
    output: { message: { role: 'assistant', content: [...content, ...(fixture.noise ? NOISE : [])] } },
    stopReason: finishOf(fixture),
    ...(fixture.usage === null ? {} : { usage: usageOf(fixture.usage) }),
    ...(fixture.noise && { trace: { guardrail: { made_up: { deep: 1 } } } }),
  }
}

const NOISE: JsonObject[] = [
  { toolUse: { toolUseId: 'theirs', name: 'nova_grounding', input: {}, type: 'server_tool_use' } },
  { toolResult: { toolUseId: 'theirs', content: [{ text: '[HIDDEN]' }], type: 'nova_grounding_result' } },
  { citationsContent: { citations: [{ location: { web: { url: 'https://example.com/' } } }] } },
  { madeUpBlock: { deep: 1 } },
]

/** A block in a complete response and in a stream, where most blocks have no start event. */
type Block = { whole: JsonObject; start?: JsonObject; deltas: JsonObject[] }

function blocksOf(fixture: ReplyFixture): Block[] {
  const { reasoning, encryptedReasoning, toolCalls = [] } = fixture
  return [
    ...(reasoning ? [reasoningBlock(reasoning.text, reasoning.signature)] : []),
    ...(encryptedReasoning === undefined
      ? []
      : [indivisibleBlock({ reasoningContent: { redactedContent: encryptedReasoning } })]),
    ...listOf(fixture.text).map(textBlock),
    ...(fixture.refusal === undefined ? [] : [textBlock(fixture.refusal)]),
    ...toolCalls.map((call, index) => toolBlock(call.id ?? `tooluse_${index}`, call.name, listOf(call.arguments))),
  ]
}

function textBlock(text: string): Block {
  const half = Math.ceil([...text].length / 2)
  const parts = [[...text].slice(0, half).join(''), [...text].slice(half).join('')]
  return { whole: { text }, deltas: parts.map((part) => ({ text: part })) }
}

function reasoningBlock(text: string, signature: string | undefined): Block {
  const signed = signature === undefined ? {} : { signature }
  return {
    whole: { reasoningContent: { reasoningText: { text, ...signed } } },
    deltas: [
      ...(text === '' ? [] : [{ reasoningContent: { text } }]),
      ...(signature === undefined ? [] : [{ reasoningContent: { signature } }]),
    ],
  }
}

function indivisibleBlock(whole: JsonObject): Block {
  return { whole, deltas: [whole] }
}

/** Models of some vendors also send the type. */
function toolBlock(toolUseId: string, name: string, parts: readonly string[]): Block {
  const head = { toolUseId, name, type: 'tool_use' }
  const deltas = parts.map((input) => ({ toolUse: { input } }))
  return { whole: { toolUse: { ...head, input: inputOf(parts.join('')) } }, start: { toolUse: head }, deltas }
}

/** Returns the input as a JSON value. Invalid JSON stays text, which a real vendor cannot send. */
function inputOf(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return text
  }
}

/** Encodes the events as server-sent events; `encodeFrames` frames them last. `p` is padding of varying length. */
function encodeEvents(fixture: ReplyFixture): string[] {
  const blocks = [...blocksOf(fixture), ...(fixture.noise ? noiseBlocks() : [])]
  const usage = fixture.usage === null ? {} : { usage: usageOf(fixture.usage) }
  const events: [string, JsonObject][] = [
    ['messageStart', { role: 'assistant' }],
    ...(fixture.noise ? [['madeUpEvent', { deep: { a: 1 } }] satisfies [string, JsonObject]] : []),
    ...blocks.flatMap(({ start, deltas }, contentBlockIndex): [string, JsonObject][] => [
      ...(start ? [['contentBlockStart', { contentBlockIndex, start }] satisfies [string, JsonObject]] : []),
      ...deltas.map((delta): [string, JsonObject] => ['contentBlockDelta', { contentBlockIndex, delta }]),
      ['contentBlockStop', { contentBlockIndex }],
    ]),
    ['messageStop', { stopReason: finishOf(fixture) }],
    ['metadata', { ...usage, metrics: { latencyMs: 551 } }],
  ]
  return events.map(([name, data], index) =>
    event({ ...data, p: 'abcdefghijklmnopqrstuvwxyz'.slice(index % 26) }, name),
  )
}

function noiseBlocks(): Block[] {
  const [tool = {}, , cited = {}] = NOISE
  return [
    { whole: tool, start: tool, deltas: [{ toolUse: { input: '{}' } }] },
    { whole: cited, deltas: [{ citation: { location: {} } }, { madeUp: 1 }] },
  ]
}

/** Encodes frames with a third-party encoder. An event named `exception …` is an error that ends the stream. */
function encodeFrames(text: string): Buffer {
  const frames = text.split('\n\n').flatMap((block) => {
    const fieldAt = (field: string) =>
      block
        .split('\n')
        .find((line) => line.startsWith(`${field}: `))
        ?.slice(field.length + 2)
    const data = fieldAt('data')
    if (data === undefined) return []
    const name = fieldAt('event') ?? ''
    const [, exception] = /^exception (.*)$/.exec(name) ?? []
    const kind: Record<string, string> = exception
      ? { ':message-type': 'exception', ':exception-type': exception }
      : { ':message-type': 'event', ':event-type': name }
    return [encodeEventStreamFrame({ ...kind, ':content-type': 'application/json' }, Buffer.from(data))]
  })
  return Buffer.concat(frames)
}

function finishOf({ finish, toolCalls, refusal }: ReplyFixture): string {
  return finish ?? (toolCalls ? 'tool_use' : refusal === undefined ? 'end_turn' : 'guardrail_intervened')
}

/** `inputTokens` excludes cached tokens. */
function usageOf(
  { prompt, completion, cacheRead, cacheWrite }: UsageFixture = { prompt: 9, completion: 4 },
): JsonObject {
  return {
    inputTokens: prompt - (cacheRead ?? 0) - (cacheWrite ?? 0),
    outputTokens: completion,
    totalTokens: prompt + completion,
    ...(cacheRead !== undefined && { cacheReadInputTokens: cacheRead, cacheReadInputTokenCount: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteInputTokens: cacheWrite, cacheWriteInputTokenCount: cacheWrite }),
    serverToolUsage: {},
  }
}

// ---- Requests

function decodeRequest(body: JsonObject): DecodedRequest {
  const messages = listAt(body, 'messages')
  const blocks = messages.flatMap((message) => listAt(message, 'content'))
  const results = fieldsOf(blocks, 'toolResult')
  const inside = [...blocks, ...results.flatMap((result) => listAt(result, 'content'))]
  const config = objectAt(body, 'inferenceConfig')
  const choice = toolChoice(body['toolConfig'])
  const tools = fieldsOf(listAt(objectAt(body, 'toolConfig'), 'tools'), 'toolSpec').map(
    ({ inputSchema, ...tool }): JsonObject => ({
      ...tool,
      parameters: objectAt({ inputSchema }, 'inputSchema')['json'],
    }),
  )
  const forced =
    typeof choice === 'object' ? tools.find((tool) => tool['name'] === choice.tool)?.['parameters'] : undefined
  const schema = requestedSchema(body) ?? forced
  return {
    system: listAt(body, 'system').flatMap(({ text }) => (text === undefined ? [] : [String(text)])),
    turns: messages.map((message) => ({ role: String(message['role']), text: textOf(message) })),
    temperature: config['temperature'],
    maxTokens: config['maxTokens'],
    stop: config['stopSequences'],
    tools,
    toolChoice: choice,
    parallel: undefined, // not supported by the protocol
    calls: fieldsOf(blocks, 'toolUse').map(({ toolUseId, name, input }) => ({
      id: String(toolUseId),
      name: String(name),
      arguments: input,
    })),
    results: results.map((result) => ({
      id: String(result['toolUseId']),
      text: textOf(result),
      failed: result['status'] === 'error',
    })),
    schema: isObject(schema) ? schema : undefined,
    images: fieldsOf(inside, 'image').map(bytesOf),
    files: fieldsOf(inside, 'document').map(bytesOf),
  }
}

/** Returns the contents of the blocks of one kind, which is a block's only field. */
function fieldsOf(blocks: readonly JsonObject[], kind: string): JsonObject[] {
  return blocks.filter((block) => kind in block).map((block) => objectAt(block, kind))
}

function requestedSchema(body: JsonObject): unknown {
  const format = objectAt(objectAt(body, 'outputConfig'), 'textFormat')
  const { schema } = objectAt(objectAt(format, 'structure'), 'jsonSchema')
  return typeof schema === 'string' ? JSON.parse(schema) : undefined
}

function textOf(holder: JsonObject): string {
  return listAt(holder, 'content')
    .map(({ text }) => String(text ?? ''))
    .join('')
}

function bytesOf(file: JsonObject): string {
  return String(objectAt(file, 'source')['bytes'])
}

/** A request without tools means `none`. */
function toolChoice(config: unknown): AIToolChoice | undefined {
  if (!isObject(config)) return 'none'
  const { tool, any, auto }: JsonObject = objectAt(config, 'toolChoice')
  if (isObject(tool)) return { tool: String(tool['name']) }
  return any ? 'any' : auto ? 'auto' : undefined
}
