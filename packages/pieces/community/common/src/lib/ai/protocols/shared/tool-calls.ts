import type { AIToolCall, AIWarning } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { parseJson } from './parse-json.ts'

/** A tool call with unparsed arguments. */
export type RawToolCall = { id: string; name: string; arguments: string }

/** Gives each call a unique id: some vendors return none, or the same for all. */
export function withUniqueIds(calls: readonly RawToolCall[], replyId = 'call'): RawToolCall[] {
  const taken = new Set<string>()
  return calls.map((call, index) => {
    const made = `${call.id || replyId}_${index}`
    const id = call.id === '' || taken.has(call.id) ? made : call.id
    taken.add(id)
    return { ...call, id }
  })
}

/**
 * Parses the arguments of tool calls.
 *
 * @param complete whether the completion is complete: invalid JSON is then an error, otherwise the call is dropped
 * @throws AIError `invalid-tool-arguments` that quotes the arguments
 */
export function parseToolCalls(
  calls: readonly RawToolCall[],
  complete: boolean,
): { toolCalls: AIToolCall[]; warnings: AIWarning[] } {
  const toolCalls: AIToolCall[] = []
  const warnings: AIWarning[] = []
  for (const call of calls) {
    const parsed = call.arguments.trim() === '' ? {} : parseJson(call.arguments)
    if (parsed !== undefined) toolCalls.push({ id: call.id, name: call.name, arguments: parsed })
    else if (complete) throw badArguments(call)
    else
      warnings.push({
        type: 'incomplete',
        parameter: 'toolCalls',
        message: `The call of "${call.name}" was truncated and dropped.`,
      })
  }
  return { toolCalls, warnings }
}

function badArguments(call: RawToolCall): AIError {
  const quoted = call.arguments.length > 500 ? `${call.arguments.slice(0, 500)} …` : call.arguments
  return new AIError({
    code: 'invalid-tool-arguments',
    message: `The arguments of tool "${call.name}" are not valid JSON: ${quoted}`,
    parameter: call.name,
  })
}
