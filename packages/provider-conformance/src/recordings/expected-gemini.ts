import type { Expected } from './expected.ts'

// The recordings are of several years and two services: nothing about their shape is certain.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any

/** What a recorded reply of Gemini holds, read plainly and apart from the library. */
export function ofGenerateContent(body: Json): Expected {
  return ofGenerateContentChunks([body])
}

/** The chunks of a stream are whole replies that follow one another; the last usage counts. */
export function ofGenerateContentChunks(chunks: Json[]): Expected {
  const candidates = chunks.flatMap((chunk) => chunk.candidates?.[0] ?? [])
  const parts = candidates.flatMap((candidate) => candidate.content?.parts ?? [])
  const finish = candidates.findLast((candidate) => candidate.finishReason !== undefined)?.finishReason
  const usage = chunks.findLast((chunk) => chunk.usageMetadata)?.usageMetadata
  return {
    text: parts
      .filter((part) => !part.thought)
      .map((part) => part.text ?? '')
      .join(''),
    toolCalls: callsOf(parts),
    reasoning: {
      text: parts
        .filter((part) => part.thought)
        .map((part) => part.text ?? '')
        .join(''),
      signatures: parts.filter((part) => 'text' in part && part.thoughtSignature).map((part) => part.thoughtSignature),
    },
    finishReason: finish === undefined ? undefined : String(finish),
    promptTokens: plus(usage?.promptTokenCount, usage?.toolUsePromptTokenCount),
    completionTokens: plus(usage?.candidatesTokenCount, usage?.thoughtsTokenCount),
  }
}

/** A part without a name goes on with the call before it; a text that is there goes on as well. */
function callsOf(parts: Json[]): Expected['toolCalls'] {
  const calls: Json[] = []
  for (const { functionCall: call, thoughtSignature } of parts.filter((part) => part.functionCall)) {
    const signed = thoughtSignature === undefined ? {} : { signature: thoughtSignature }
    if (call.name) calls.push({ id: call.id, name: call.name, arguments: { ...call.args }, ...signed })
    for (const part of call.partialArgs ?? []) addPart(calls.at(-1).arguments, part)
  }
  return calls
}

function addPart(args: Json, { jsonPath, ...value }: Json): void {
  const steps = jsonPath.split(/[.[\]]+/).filter((step: string) => step !== '$' && step !== '')
  const last = steps.pop()
  let node = args
  for (const [index, step] of steps.entries()) {
    node[step] ??= /^\d+$/.test(steps[index + 1] ?? last) ? [] : {}
    node = node[step]
  }
  node[last] = 'stringValue' in value ? (node[last] ?? '') + value.stringValue : (value.numberValue ?? value.boolValue)
}

function plus(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0)
}
