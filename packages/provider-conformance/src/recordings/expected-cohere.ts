import type { Expected } from './expected.ts'

// The recordings span several years, so their shape is not typed.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any

/** Reads a recorded response of Cohere's chat API (version 2), independently of the library. */
export function ofCohereChat({ message, finish_reason, usage }: Json): Expected {
  const content: Json[] = message.content ?? []
  return {
    text: content.map((part) => part.text ?? '').join(''),
    toolCalls: (message.tool_calls ?? []).map((call: Json) => ({
      id: call.id,
      name: call.function.name,
      arguments: JSON.parse(call.function.arguments || '{}'),
    })),
    reasoning: {
      text: content.map((part) => part.thinking ?? '').join('') + (message.tool_plan ?? ''),
      signatures: [],
    },
    finishReason: finish_reason,
    promptTokens: usage?.tokens?.input_tokens,
    completionTokens: usage?.tokens?.output_tokens,
  }
}

/** Reads the events of a recorded stream, which carry the parts of one message. */
export function ofCohereEvents(events: Json[]): Expected {
  const deltas = events.map((event) => event.delta?.message ?? {})
  const content = deltas.map((delta) => (Array.isArray(delta.content) ? {} : (delta.content ?? {})))
  const calls: Json[] = []
  for (const event of events.filter(({ type }) => /^tool-call-(start|delta)$/.test(type))) {
    const call = event.delta.message.tool_calls
    if (event.type === 'tool-call-start') calls[event.index] = structuredClone(call)
    else calls[event.index].function.arguments += call.function.arguments
  }
  return ofCohereChat({
    ...events.find(({ type }) => type === 'message-end')?.delta,
    message: { content, tool_calls: calls, tool_plan: deltas.map((delta) => delta.tool_plan ?? '').join('') },
  })
}
