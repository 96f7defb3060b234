import type { Expected } from './expected.ts'

// The recordings span several years and two services, so their shape is not typed.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Json = any

/** Reads a recorded Gemini response, independently of the library. */
export function ofGenerateContent(body: Json): Expected {
  return ofGenerateContentChunks([body])
}

/** Reads the chunks of a recorded stream. Each has the shape of a full response; the last usage is the total. */
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

/** Collects the function calls. A part without a name continues the previous call. */
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
