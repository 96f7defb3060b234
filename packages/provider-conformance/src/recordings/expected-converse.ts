import { encodeEventStreamMessage } from '@copilotkit/aimock'
import type { Exchange } from './exchanges.ts'
import type { Expected } from './expected.ts'

// The recordings are of several years and makers of models: nothing about their shape is certain.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any

/** What a recorded reply of Bedrock's Converse holds, read plainly and apart from the library. */
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

/** The events of a stream, each as `{ [name]: payload }`. */
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

// ---- frames

/** Type and length stand between. */
const EVENT_TYPE = /:event-type...(\w+)/s

/** The events of a recorded stream, by the lengths of its frames alone. */
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

/** The bytes of a body that its recorder decoded, one event a line: in frames again. */
export function reframed(body: string): Buffer {
  const frames = linesOf(body).flatMap((line) =>
    Object.entries(line).map(([name, payload]) => encodeEventStreamMessage(name, Object(payload))),
  )
  return Buffer.concat(frames)
}
