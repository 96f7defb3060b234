import type { AIChange, AIChatMessage, AIChatRequest, AIContentPart, AIJsonSchema } from '../../contract/chat.ts'
import type { AIModel, AIModelParameter } from '../../contract/model.ts'
import { type StrictDialect, toStrict } from './schema.ts'

/**
 * Returns the parameters that are set and that the model accepts, and lists every change.
 *
 * @param kept protocol-specific parts of a conversation that this protocol accepts back
 */
export function createChanges(
  request: AIChatRequest,
  model: AIModel | undefined,
  kept: readonly ('phase' | 'signature')[] = [],
) {
  const changes: AIChange[] = []
  const drop = (parameter: string, why: string) => {
    changes.push({ type: 'left-out', parameter, message: `${parameter} dropped: ${why}.` })
  }
  function take<Name extends AIModelParameter>(parameter: Name): AIChatRequest[Name] {
    const value = request[parameter]
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return undefined
    if (!model?.refuses?.includes(parameter)) return value
    drop(parameter, `${request.model} does not support it`)
    return undefined
  }
  /** The effort, if the model is known to have it. */
  function takeEffort(): string | undefined {
    const effort = request.reasoningEffort
    if (effort === undefined) return undefined
    if (model === undefined || model.reasoningEfforts?.includes(effort)) return effort
    const known = model.reasoningEfforts?.join(', ') ?? 'no effort'
    drop('reasoningEffort', `${request.model} supports ${known}, not ${effort}`)
    return undefined
  }
  const note = (type: 'renamed' | 'note' | 'changed', parameter: string, message: string) => {
    changes.push({ type, parameter, message })
  }
  /** Vendor-specific fields, without the one that the call itself sets. */
  function takeOptions(): Record<string, unknown> {
    const { stream, ...options } = request.advancedOptions ?? {}
    if (stream !== undefined) drop('advancedOptions.stream', 'chat.text and chat.stream set it')
    return options
  }
  /** A schema in the vendor's dialect. Warns about keywords that the dialect does not have. */
  function takeSchema(schema: AIJsonSchema, parameter: string, dialect: StrictDialect): AIJsonSchema {
    const { schema: rendered, removed } = toStrict(schema, dialect)
    const names = [...new Set(removed)].join(', ')
    const message = `${removed.length} schema keywords removed (${names}): the vendor does not support them`
    if (removed.length > 0) note('changed', parameter, message)
    return rendered
  }
  if (!request.tools?.length) {
    for (const parameter of ['toolChoice', 'parallelToolCalls'] as const) {
      if (request[parameter] !== undefined) drop(parameter, 'the call has no tools')
    }
  }
  const said = request.messages.flatMap((message) => (message.role === 'assistant' ? [message] : []))
  const lost = {
    phase: said.some(({ phase }) => phase !== undefined),
    signature: said.some(({ toolCalls = [] }) => toolCalls.some(({ signature }) => signature !== undefined)),
  }
  if (lost.phase && !kept.includes('phase')) drop('phase', 'this vendor has no field for it')
  if (lost.signature && !kept.includes('signature')) {
    drop('toolCalls.signature', "this vendor cannot read another vendor's signature")
  }
  return { take, takeEffort, takeOptions, takeSchema, drop, note, changes }
}

export type ChatChanges = ReturnType<typeof createChanges>

/** For vendors whose prompt cache does not accept hints. */
export function dropCacheHints({ messages }: AIChatRequest, { drop }: Pick<ChatChanges, 'drop'>) {
  if (messages.some(({ cache }) => cache)) drop('cache', 'the vendor caches automatically and does not accept hints')
}

/**
 * The text of an assistant message, for protocols without a field for refusals: the refusal if there is no other text.
 */
export function textOrRefusal(
  { content, refusal }: Extract<AIChatMessage, { role: 'assistant' }>,
  at: string,
  { drop, note }: Pick<ChatChanges, 'drop' | 'note'>,
): string {
  if (!refusal) return content
  if (content === '') note('renamed', 'refusal', `${at}.refusal → text`)
  else drop('refusal', 'the message has text, and this vendor has no field for both')
  return content || refusal
}

/**
 * Returns a function that maps ids of tool calls to ids that the vendor accepts, always the same for the same id: 1 to 40
 * letters, digits, `_` and `-`, or exactly `length` letters and digits.
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

/** Returns a tool result as text, for protocols whose tool results cannot have images. */
export function toolResultText(content: string | AIContentPart[]): string {
  if (typeof content === 'string') return content
  return content.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('\n')
}
