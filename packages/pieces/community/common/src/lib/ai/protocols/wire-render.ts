import type { AIChange, AIChatRequest, AIContentPart } from '../contract-chat.ts'
import type { AIModelParameter, AiModel } from '../model.ts'

/** Hands out the parameters that are set and that the model takes, and keeps a list of what is changed on the way. */
export function createChanges(request: AIChatRequest, model: AiModel | undefined) {
  const changes: AIChange[] = []
  const leaveOut = (parameter: string, why: string) => {
    changes.push({ type: 'left-out', parameter, message: `${parameter} left out: ${why}.` })
  }
  function take<Name extends AIModelParameter>(parameter: Name): AIChatRequest[Name] {
    const value = request[parameter]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined
    if (!model?.refuses?.includes(parameter)) return value
    leaveOut(parameter, `${request.model} takes none`)
    return undefined
  }
  /** The effort, if the model is known to have it. */
  function takeEffort(): string | undefined {
    const effort = request.reasoningEffort
    if (effort === undefined) return undefined
    if (model === undefined || model.reasoningEfforts?.includes(effort)) return effort
    const known = model.reasoningEfforts?.join(', ') ?? 'no'
    leaveOut('reasoningEffort', `${request.model} knows ${known} effort, not ${effort}`)
    return undefined
  }
  return { take, takeEffort, leaveOut, changes }
}

export type ChatChanges = ReturnType<typeof createChanges>

/** For vendors whose prompt cache needs no hint: nothing is lost, so it is a note and no warning. */
export function noteCacheHints(request: AIChatRequest, changes: AIChange[]) {
  if (!request.messages.some((message) => message.cache)) return
  const message = 'cache hints are not sent: the vendor caches by itself'
  changes.push({ type: 'renamed', parameter: 'cache', message })
}

/**
 * Hands out ids of tool calls that the vendor takes, the same for the same: as they are where they are 1 to 40 letters,
 * digits, `_` and `-`, or have exactly `length` letters and digits where the vendor wants that.
 */
export function createIds(length?: number) {
  const given = new Map<string, string>()
  const fits = length === undefined ? /^[\w-]{1,40}$/ : new RegExp(`^[a-zA-Z0-9]{${length}}$`)
  return (id: string): string => {
    if (fits.test(id)) return id
    const made = length === undefined ? `call_${given.size}_${id.length}` : `call${given.size}`.padEnd(length, '0')
    const safe = given.get(id) ?? made
    given.set(id, safe)
    return safe
  }
}

/** What a tool gave, as text; its images apart, for wires whose tool results are text alone. */
export function toolResultText(content: string | AIContentPart[]): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n')
}
