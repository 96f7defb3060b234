import type { AIToolChoice } from '@activepieces/pieces-common'
import { encodeEventStreamFrame } from '@copilotkit/aimock'
import { isObject, type JsonObject, listAt, objectAt } from '../targets/fake-vendor.ts'
import { converseError } from './bedrock-converse-errors.ts'
import { event, type Heard, listOf, type SaidUsage, type Saying, type Wire } from './protocol.ts'

/** Bedrock's Converse. @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const bedrockConverseWire: Wire = {
  name: 'bedrock-converse',
  speaks: (path, body) => /\/model\/[^/]+\/converse(-stream)?$/.test(path) && Array.isArray(body['messages']),
  streams: (path) => path.endsWith('/converse-stream'),
  request: { module: './protocols/bedrock-converse-request.ts', type: 'ConverseRequest', besides: [] },
  plain,
  events,
  frames: { contentType: 'application/vnd.amazon.eventstream', encode: toFrames },
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
  hear,
  can: {
    signatures: true,
    redacted: true,
    callsWithoutIndex: false,
    callsWithoutId: false,
    countsReasoning: false,
    argumentsAsText: false,
    namesNoModel: true,
    kindInHeader: true,
    unknownFinish: true,
    stop: true,
    demandsMaxTokens: false,
    refusesEmptyText: true,
    pdfUrls: false,
  },
}

// ---- what the vendor says

function plain(saying: Saying): JsonObject {
  const content = blocksOf(saying).map(({ whole }) => whole)
  return {
    metrics: { latencyMs: 551 },
    output: { message: { role: 'assistant', content: [...content, ...(saying.noise ? NOISE : [])] } },
    stopReason: finishOf(saying),
    ...(saying.usage === null ? {} : { usage: usageOf(saying.usage) }),
    ...(saying.noise && { trace: { guardrail: { made_up: { deep: 1 } } } }),
  }
}

const NOISE: JsonObject[] = [
  { toolUse: { toolUseId: 'theirs', name: 'nova_grounding', input: {}, type: 'server_tool_use' } },
  { toolResult: { toolUseId: 'theirs', content: [{ text: '[HIDDEN]' }], type: 'nova_grounding_result' } },
  { citationsContent: { citations: [{ location: { web: { url: 'https://example.com/' } } }] } },
  { madeUpBlock: { deep: 1 } },
]

/** A block as it is in a whole reply, and what a stream makes of it: most blocks have no start. */
type Block = { whole: JsonObject; start?: JsonObject; deltas: JsonObject[] }

function blocksOf(saying: Saying): Block[] {
  const { reasoning, redacted, toolCalls = [] } = saying
  return [
    ...(reasoning ? [thought(reasoning.text, reasoning.signature)] : []),
    ...(redacted === undefined ? [] : [unparted({ reasoningContent: { redactedContent: redacted } })]),
    ...listOf(saying.text).map(textBlock),
    ...(saying.refusal === undefined ? [] : [textBlock(saying.refusal)]),
    ...toolCalls.map((call, index) => toolBlock(call.id ?? `tooluse_${index}`, call.name, listOf(call.arguments))),
  ]
}

function textBlock(text: string): Block {
  const half = Math.ceil([...text].length / 2)
  const parts = [[...text].slice(0, half).join(''), [...text].slice(half).join('')]
  return { whole: { text }, deltas: parts.map((part) => ({ text: part })) }
}

function thought(text: string, signature: string | undefined): Block {
  const seal = signature === undefined ? {} : { signature }
  return {
    whole: { reasoningContent: { reasoningText: { text, ...seal } } },
    deltas: [
      ...(text === '' ? [] : [{ reasoningContent: { text } }]),
      ...(signature === undefined ? [] : [{ reasoningContent: { signature } }]),
    ],
  }
}

function unparted(whole: JsonObject): Block {
  return { whole, deltas: [whole] }
}

/** Models that were made by some vendors say the type besides. */
function toolBlock(toolUseId: string, name: string, parts: readonly string[]): Block {
  const head = { toolUseId, name, type: 'tool_use' }
  const deltas = parts.map((input) => ({ toolUse: { input } }))
  return { whole: { toolUse: { ...head, input: inputOf(parts.join('')) } }, start: { toolUse: head }, deltas }
}

/** In a whole reply the input is JSON already: what is no JSON cannot come. */
function inputOf(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return text
  }
}

/** As server-sent events, for the suite to read; `p` is padding of a length that nobody can guess. */
function events(saying: Saying): string[] {
  const blocks = [...blocksOf(saying), ...(saying.noise ? noiseBlocks() : [])]
  const usage = saying.usage === null ? {} : { usage: usageOf(saying.usage) }
  const said: [string, JsonObject][] = [
    ['messageStart', { role: 'assistant' }],
    ...(saying.noise ? [['madeUpEvent', { deep: { a: 1 } }] satisfies [string, JsonObject]] : []),
    ...blocks.flatMap(({ start, deltas }, contentBlockIndex): [string, JsonObject][] => [
      ...(start ? [['contentBlockStart', { contentBlockIndex, start }] satisfies [string, JsonObject]] : []),
      ...deltas.map((delta): [string, JsonObject] => ['contentBlockDelta', { contentBlockIndex, delta }]),
      ['contentBlockStop', { contentBlockIndex }],
    ]),
    ['messageStop', { stopReason: finishOf(saying) }],
    ['metadata', { ...usage, metrics: { latencyMs: 551 } }],
  ]
  return said.map(([name, data], index) => event({ ...data, p: 'abcdefghijklmnopqrstuvwxyz'.slice(index % 26) }, name))
}

function noiseBlocks(): Block[] {
  const [tool = {}, , cited = {}] = NOISE
  return [
    { whole: tool, start: tool, deltas: [{ toolUse: { input: '{}' } }] },
    { whole: cited, deltas: [{ citation: { location: {} } }, { madeUp: 1 }] },
  ]
}

/** By an encoder that others made. An event named `exception …` is one that ends the stream. */
function toFrames(said: string): Buffer {
  const frames = said.split('\n\n').flatMap((block) => {
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

function finishOf({ finish, toolCalls, refusal }: Saying): string {
  return finish ?? (toolCalls ? 'tool_use' : refusal === undefined ? 'end_turn' : 'guardrail_intervened')
}

/** `inputTokens` leaves the cached parts out. */
function usageOf({ prompt, completion, cacheRead, cacheWrite }: SaidUsage = { prompt: 9, completion: 4 }): JsonObject {
  return {
    inputTokens: prompt - (cacheRead ?? 0) - (cacheWrite ?? 0),
    outputTokens: completion,
    totalTokens: prompt + completion,
    ...(cacheRead !== undefined && { cacheReadInputTokens: cacheRead, cacheReadInputTokenCount: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteInputTokens: cacheWrite, cacheWriteInputTokenCount: cacheWrite }),
    serverToolUsage: {},
  }
}

// ---- what was sent

function hear(body: JsonObject): Heard {
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
  const schema = askedSchema(body) ?? forced
  return {
    system: listAt(body, 'system').flatMap(({ text }) => (text === undefined ? [] : [String(text)])),
    turns: messages.map((message) => ({ role: String(message['role']), text: textOf(message) })),
    temperature: config['temperature'],
    maxTokens: config['maxTokens'],
    stop: config['stopSequences'],
    tools,
    toolChoice: choice,
    parallel: undefined, // the wire has no word for it
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

/** What blocks of one kind hold: a block's only field is its kind. */
function fieldsOf(blocks: readonly JsonObject[], kind: string): JsonObject[] {
  return blocks.filter((block) => kind in block).map((block) => objectAt(block, kind))
}

function askedSchema(body: JsonObject): unknown {
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

/** No tools at all is how the wire says none. */
function toolChoice(config: unknown): AIToolChoice | undefined {
  if (!isObject(config)) return 'none'
  const { tool, any, auto }: JsonObject = objectAt(config, 'toolChoice')
  if (isObject(tool)) return { tool: String(tool['name']) }
  return any ? 'any' : auto ? 'auto' : undefined
}
