import type { AIToolCall, AIWarning } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { parseJson } from './parse-json.ts'

/** A tool call whose arguments are still text. */
export type RawToolCall = { id: string; name: string; arguments: string }

/** The calls, each with an id of its own: some vendors give none, or one for all. */
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
 * @param whole whether the reply is whole: then arguments that are no JSON are an error, else the call is left out
 * @throws AIError `invalid-tool-arguments`, quoting what came
 */
export function parseToolCalls(
  calls: readonly RawToolCall[],
  whole: boolean,
): { toolCalls: AIToolCall[]; warnings: AIWarning[] } {
  const toolCalls: AIToolCall[] = []
  const warnings: AIWarning[] = []
  for (const call of calls) {
    const parsed = call.arguments.trim() === '' ? {} : parseJson(call.arguments)
    if (parsed !== undefined) toolCalls.push({ id: call.id, name: call.name, arguments: parsed })
    else if (whole) throw badArguments(call)
    else
      warnings.push({
        type: 'incomplete',
        parameter: 'toolCalls',
        message: `The call of "${call.name}" was cut off and is left out.`,
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
