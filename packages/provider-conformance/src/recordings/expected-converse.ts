import { encodeEventStreamMessage } from '@copilotkit/aimock'
import type { Exchange } from './exchanges.ts'
import type { Expected } from './expected.ts'

// The recordings span several years and model vendors, so their shape is not typed.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any

/** Reads a recorded Bedrock Converse response, independently of the library. */
export function ofConverse(body: Json): Expected {
  const blocks: Json[] = body.output.message.content
  const tools = blocks.flatMap((block) => block.toolUse ?? []).filter((tool) => tool.type !== 'server_tool_use')
  const reasoning = blocks.flatMap((block) => block.reasoningContent?.reasoningText ?? [])
  return {
    text: blocks.map((block) => block.text ?? '').join(''),
    toolCalls: tools.map(({ toolUseId, name, input }) => ({ id: toolUseId, name, arguments: input })),
    reasoning: {
      text: reasoning.map(({ text }) => text).join(''),
      signatures: reasoning.flatMap(({ signature }) => signature ?? []),
    },
    finishReason: body.stopReason,
    ...tokensOf(body.usage),
  }
}

/** Reads the events of a recorded stream, each `{ [name]: payload }`. */
export function ofConverseEvents(events: Json[]): Expected {
  const deltas = events.flatMap((event) => event.contentBlockDelta ?? [])
  const reasoning = deltas.flatMap(({ delta }) => delta.reasoningContent ?? [])
  const starts = events.flatMap((event) => event.contentBlockStart ?? []).filter(({ start }) => start?.toolUse)
  const inputOf = (index: number) =>
    deltas
      .filter(({ contentBlockIndex, delta }) => contentBlockIndex === index && delta.toolUse)
      .map(({ delta }) => delta.toolUse.input)
      .join('')
  return {
    text: deltas.map(({ delta }) => delta.text ?? '').join(''),
    toolCalls: starts.map(({ contentBlockIndex, start: { toolUse } }) => ({
      id: toolUse.toolUseId,
      name: toolUse.name,
      arguments: JSON.parse(inputOf(contentBlockIndex) || '{}'),
    })),
    reasoning: {
      text: reasoning.map(({ text }) => text ?? '').join(''),
      signatures: reasoning.flatMap(({ signature }) => signature ?? []),
    },
    finishReason: events.find((event) => event.messageStop)?.messageStop.stopReason,
    ...tokensOf(events.find((event) => event.metadata)?.metadata.usage),
  }
}

function tokensOf(usage: Json): Pick<Expected, 'promptTokens' | 'completionTokens'> {
  const { inputTokens, cacheReadInputTokens = 0, cacheWriteInputTokens = 0, outputTokens } = usage ?? {}
  return {
    promptTokens: inputTokens === undefined ? undefined : inputTokens + cacheReadInputTokens + cacheWriteInputTokens,
    completionTokens: outputTokens,
  }
}

// ---- Frames

/** The three bytes between name and value are the value's type and length. */
const EVENT_TYPE = /:event-type...(\w+)/s

/** Decodes the events of a recorded stream from its frame lengths. */
export function converseEventsOf({ responseBody, responseBodyEncoding }: Exchange): Json[] {
  if (responseBodyEncoding !== 'base64') return linesOf(responseBody)
  const bytes = Buffer.from(responseBody, 'base64')
  const events: Json[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    const payload = at + 12 + bytes.readUInt32BE(at + 4)
    const [, name = ''] = EVENT_TYPE.exec(bytes.toString('latin1', at + 12, payload)) ?? []
    events.push({ [name]: JSON.parse(bytes.toString('utf8', payload, at + bytes.readUInt32BE(at) - 4)) })
  }
  return events
}

function linesOf(body: string): Json[] {
  return body
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line))
}

/** Encodes a body that was recorded as one event per line into frames again. */
export function reframed(body: string): Buffer {
  const frames = linesOf(body).flatMap((line) =>
    Object.entries(line).map(([name, payload]) => encodeEventStreamMessage(name, Object(payload))),
  )
  return Buffer.concat(frames)
}
