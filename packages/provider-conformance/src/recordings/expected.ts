import type { Exchange } from './exchanges.ts'
import { ofCohereChat, ofCohereEvents } from './expected-cohere.ts'
import { ofConverse, ofConverseEvents } from './expected-converse.ts'
import { ofGenerateContent, ofGenerateContentChunks } from './expected-gemini.ts'

/** Content of a recorded response, read independently of the library. Replays are compared with it. */
export type Expected = {
  text: string
  toolCalls: { id: string | undefined; name: string; arguments: unknown; signature?: string | undefined }[]
  /** Reasoning, and the signatures that are not part of tool calls. Not compared if absent. */
  reasoning?: { text: string; signatures: string[] }
  finishReason: string | undefined
  promptTokens: number | undefined
  completionTokens: number | undefined
}

// The recordings span several years and vendors, so their shape is not typed.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any

/** Parses the JSON objects of a server-sent event stream, without `[DONE]` and comments. */
export function eventsOf(body: string): Json[] {
  const blocks = body.split(/\r?\n\r?\n/)
  const payloads = blocks.map((block) =>
    block
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).trim())
      .join('\n'),
  )
  return payloads.filter((data) => data !== '' && data !== '[DONE]').map((data) => JSON.parse(data))
}

/** Whether the response was streamed. */
export function isStream(exchange: Exchange): boolean {
  return exchange.api === 'converse-stream' || /^(event|data|:)/.test(exchange.responseBody.trimStart())
}

export const EXPECTED: Record<string, { plain: (body: Json) => Expected; stream: (events: Json[]) => Expected }> = {
  'chat.completions': { plain: ofChatCompletion, stream: ofChatCompletionChunks },
  messages: { plain: ofMessage, stream: ofMessageEvents },
  responses: { plain: ofResponse, stream: ofResponseEvents },
  chat: { plain: ofCohereChat, stream: ofCohereEvents },
  generateContent: { plain: ofGenerateContent, stream: ofGenerateContentChunks },
  converse: { plain: ofConverse, stream: ofConverseEvents },
  'converse-stream': { plain: ofConverse, stream: ofConverseEvents },
  streamGenerateContent: { plain: ofGenerateContent, stream: ofGenerateContentChunks },
}

function ofChatCompletion(body: Json): Expected {
  const choice = body.choices[0]
  const calls =
    choice?.message?.tool_calls ??
    (choice?.message?.function_call?.name ? [{ function: choice.message.function_call }] : [])
  return {
    text: withoutReasoning(textOf(choice?.message?.content)),
    toolCalls: calls.map((call: Json) => ({
      id: call.id,
      name: call.function.name,
      arguments: json(call.function.arguments),
    })),
    finishReason: choice?.finish_reason || undefined,
    promptTokens: body.usage?.prompt_tokens,
    completionTokens: generated(body.usage),
  }
}

function ofChatCompletionChunks(events: Json[]): Expected {
  const choices = events.flatMap((event) => event.choices ?? []).filter((choice) => (choice.index ?? 0) === 0)
  const calls: Json[] = []
  for (const part of choices.flatMap((choice) => choice.delta?.tool_calls ?? [])) {
    const index = part.index ?? calls.length // older Mistral streams send each call complete in one delta
    calls[index] ??= { id: part.id, name: part.function.name, arguments: '' }
    calls[index].arguments += part.function?.arguments ?? ''
  }
  const usage =
    events.findLast((event) => event.usage)?.usage ?? events.findLast((event) => event.x_groq?.usage)?.x_groq.usage
  return {
    text: withoutReasoning(choices.map((choice) => textOf(choice.delta?.content)).join('')),
    toolCalls: calls.map((call) => ({ ...call, arguments: json(call.arguments) })),
    finishReason: choices.findLast((choice) => choice.finish_reason)?.finish_reason,
    promptTokens: usage?.prompt_tokens,
    completionTokens: generated(usage),
  }
}

/** Completion tokens with reasoning. xAI counts reasoning separately, which the total shows. */
function generated(usage: Json): number | undefined {
  const completion = usage?.completion_tokens
  const reasoning = usage?.completion_tokens_details?.reasoning_tokens
  return reasoning > 0 && usage.total_tokens === usage.prompt_tokens + completion + reasoning
    ? completion + reasoning
    : completion
}

/** Mistral's content can be a list of parts, including reasoning. */
function textOf(content: Json): string {
  if (!Array.isArray(content)) return content ?? ''
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** Removes the reasoning that some open models put at the start of their text. */
function withoutReasoning(text: string): string {
  return text.replace(/^\s*<think>[\s\S]*?<\/think>\s*/, '')
}

function ofMessage(body: Json): Expected {
  return {
    text: body.content
      .filter((block: Json) => block.type === 'text')
      .map((block: Json) => block.text)
      .join(''),
    toolCalls: body.content
      .filter((block: Json) => block.type === 'tool_use')
      .map((block: Json) => ({ id: block.id, name: block.name, arguments: block.input })),
    finishReason: body.stop_reason,
    promptTokens: promptTokens(body.usage),
    completionTokens: body.usage?.output_tokens,
  }
}

function ofMessageEvents(events: Json[]): Expected {
  const blocks: Json[] = []
  let usage: Json = {}
  let stopReason: string | undefined
  for (const event of events) {
    if (event.type === 'message_start') usage = { ...event.message.usage }
    if (event.type === 'content_block_start') blocks[event.index] = { ...event.content_block, json: '' }
    if (event.type === 'content_block_delta') addDelta(blocks[event.index], event.delta)
    if (event.type === 'message_delta') {
      stopReason = event.delta.stop_reason ?? stopReason
      for (const [field, value] of Object.entries(event.usage ?? {})) if (value !== null) usage[field] = value
    }
  }
  const tools = blocks.filter((block) => block?.type === 'tool_use')
  return {
    text: blocks
      .filter((block) => block?.type === 'text')
      .map((block) => block.text)
      .join(''),
    toolCalls: tools.map(({ id, name, input, json: text }) => ({
      id,
      name,
      arguments: text === '' ? input : json(text),
    })),
    finishReason: stopReason,
    promptTokens: promptTokens(usage),
    completionTokens: usage.output_tokens,
  }
}

function addDelta(block: Json, delta: Json): void {
  block.text = (block.text ?? '') + (delta.text ?? '')
  block.json += delta.partial_json ?? ''
}

function ofResponse(body: Json): Expected {
  const parts = body.output.flatMap((item: Json) => (item.type === 'message' ? item.content : []))
  const calls = body.output.filter((item: Json) => item.type === 'function_call')
  return {
    text: parts.map((part: Json) => part.text ?? '').join(''),
    toolCalls: calls.map((call: Json) => ({ id: call.call_id, name: call.name, arguments: json(call.arguments) })),
    finishReason: body.incomplete_details?.reason ?? body.status,
    promptTokens: body.usage?.input_tokens,
    completionTokens: body.usage?.output_tokens,
  }
}

/** Reads the last event, which has the full response. That the deltas add up to it is checked for every stream. */
function ofResponseEvents(events: Json[]): Expected {
  return ofResponse(events.at(-1).response)
}

function promptTokens(usage: Json): number | undefined {
  if (usage?.input_tokens === undefined) return undefined
  return usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0)
}

function json(text: Json): unknown {
  return typeof text !== 'string' ? (text ?? {}) : text.trim() === '' ? {} : JSON.parse(text)
}
