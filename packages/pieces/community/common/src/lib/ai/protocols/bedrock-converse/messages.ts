import type { AIChatMessage, AIChatRequest, AIContentPart, AIReasoning } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createIds, textOrRefusal } from '../shared/changes.ts'
import { resolveFile } from '../shared/files.ts'
import { withoutParts } from '../shared/parts.ts'
import type { BedrockModel } from './model.ts'

export type ConverseMessage = { role: 'user' | 'assistant'; content: ConverseBlock[] }

/** Everything up to here may be kept: five minutes, or as long as it says. */
export type CachePoint = { cachePoint: { type: 'default'; ttl?: '1h' } }

type ConverseBlock =
  | ConversePart
  | CachePoint
  | { reasoningContent: { reasoningText: { text: string; signature: string } } | { redactedContent: string } }
  | { toolUse: { toolUseId: string; name: string; input: unknown } }
  | { toolResult: { toolUseId: string; content: ConversePart[]; status?: 'error' } }

/** Bytes are base64. */
type ConversePart =
  | { text: string }
  | { image: { format: string; source: { bytes: string } } }
  | { document: { format: 'pdf'; name: string; source: { bytes: string } } }

/** System text, once, apart from the conversation. */
export function renderSystem(
  messages: readonly AIChatMessage[],
  model: BedrockModel | undefined,
): { system?: ({ text: string } | CachePoint)[] } {
  const system = messages.flatMap(({ role, content, cache }) => {
    if (role !== 'system' || isBlank(String(content))) return []
    return [{ text: String(content) }, ...cachePoint(cache, model)]
  })
  return system.length === 0 ? {} : { system }
}

/** The names of the tools that the conversation has called, each once. */
export function calledTools(messages: readonly AIChatMessage[]): string[] {
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
  return [...new Set(calls.map(({ name }) => name))]
}

/**
 * The conversation without its system text. The vendor wants the two sides in turn: what one says in a row is one message,
 * and a tool's result is the user's.
 *
 * @throws AIError `invalid-request` for a message that is empty, or a conversation that is
 */
export function renderConversation(
  { model: id, messages }: AIChatRequest,
  model: BedrockModel | undefined,
  changes: ChatChanges,
): ConverseMessage[] {
  const { drop } = changes
  noteCache(id, messages, model, drop)
  const context: Context = { idOf: createIds(), documentName: createDocumentNames(), model, changes }
  const rendered: ConverseMessage[] = []
  for (const [index, message] of withoutParts(messages, ['image-url', 'file-url'], drop).entries()) {
    if (message.role === 'system') continue
    const at = `messages[${index}]`
    const content = renderMessage(message, at, context)
    if (content.length === 0) {
      drop(at, 'it is empty, and this vendor takes no empty message')
      continue
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const last = rendered.at(-1)
    const blocks = [...content, ...cachePoint(message.cache, model)]
    if (last?.role === role) last.content.push(...blocks)
    else rendered.push({ role, content: blocks })
  }
  if (rendered.length > 0) return rendered
  const message = 'messages has no message of role user: this vendor needs at least one.'
  throw new AIError({ code: 'invalid-request', message, parameter: 'messages' })
}

type Context = {
  idOf: (id: string) => string
  documentName: (filename: string | undefined) => string
  model: BedrockModel | undefined
  changes: ChatChanges
}

function renderMessage(
  message: Exclude<AIChatMessage, { role: 'system' }>,
  at: string,
  context: Context,
): ConverseBlock[] {
  if (message.role === 'user') return renderUser(message.content, at, context)
  if (message.role === 'assistant') {
    return renderAssistant({ ...message, content: textOrRefusal(message, at, context.changes) }, context)
  }
  const { toolCallId, content, isError } = message
  const parts = renderParts(content, at, context)
  return [
    {
      toolResult: {
        toolUseId: context.idOf(toolCallId),
        content: parts.length > 0 ? parts : [{ text: '(empty)' }], // a result has to say something
        ...(isError && { status: 'error' as const }), // success is not said: not all models know the word
      },
    },
  ]
}

/** A user's empty message is a prompt that was forgotten: an answer without it would be an answer to something else. */
function renderUser(content: string | AIContentPart[], at: string, context: Context): ConverseBlock[] {
  const parts = renderParts(content, at, context)
  if (parts.length === 0) {
    const message = `${at}.content is empty; this vendor takes no empty message.`
    throw new AIError({ code: 'invalid-request', message, parameter: `${at}.content` })
  }
  if (typeof content !== 'string' && parts.length < content.length) {
    context.changes.drop(`${at}.content`, 'this vendor does not accept empty text; the rest was sent')
  }
  return parts
}

// ---- the model's own messages

/** Thoughts first and sealed as they came: without them a thinking model refuses the result of its call. */
function renderAssistant(
  { content, reasoning = [], toolCalls = [] }: Extract<AIChatMessage, { role: 'assistant' }>,
  { idOf, model, changes: { drop } }: Context,
): ConverseBlock[] {
  const thoughts = takesThoughts(model) ? reasoning.flatMap(renderThought) : []
  if (thoughts.length < reasoning.length) drop('reasoning', 'this model takes back its own sealed thoughts alone')
  return [
    ...thoughts,
    ...(isBlank(content) ? [] : [{ text: content }]),
    ...toolCalls.map(({ id, name, arguments: input }) => ({
      toolUse: { toolUseId: idOf(id), name, input: input ?? {} },
    })),
  ]
}

/** Of the models here only Anthropic's seal their thoughts, and only they take them back. */
function takesThoughts(model: BedrockModel | undefined): boolean {
  return model === undefined || model.thinking === 'adaptive' || model.thinking === 'budget'
}

/** A thought without a seal, or with the seal of another, is not the vendor's own: it cannot be sent back. */
function renderThought({ text, id, signature, encrypted, signedBy = 'amazon-bedrock' }: AIReasoning): ConverseBlock[] {
  if (signedBy !== 'amazon-bedrock' || id !== undefined) return []
  if (encrypted !== undefined) return [{ reasoningContent: { redactedContent: encrypted } }]
  return signature === undefined ? [] : [{ reasoningContent: { reasoningText: { text, signature } } }]
}

// ---- parts

function renderParts(content: string | AIContentPart[], at: string, context: Context): ConversePart[] {
  if (typeof content === 'string') return isBlank(content) ? [] : [{ text: content }]
  return content.flatMap((part, index) =>
    part.type === 'text' && isBlank(part.text) ? [] : [renderPart(part, `${at}.content[${index}]`, context)],
  )
}

function renderPart(part: AIContentPart, at: string, { documentName }: Context): ConversePart {
  if (part.type === 'text') return { text: part.text }
  const [given, field] = part.type === 'image' ? [part.image, 'image' as const] : [part.file, 'file' as const]
  const file = resolveFile(given, field, `${at}.${field}`)
  const bytes = file.base64 ?? '' // what is there by URL has been taken out
  if (field === 'file') return { document: { format: 'pdf', name: documentName(file.filename), source: { bytes } } }
  const format = file.url === undefined ? file.mediaType.replace('image/', '') : ''
  return { image: { format, source: { bytes } } }
}

/**
 * Names of documents as the vendor wants them: 1 to 200 letters and digits of ASCII, single spaces, hyphens, parentheses
 * and square brackets; each once.
 */
function createDocumentNames() {
  const taken = new Set<string>()
  return (filename: string | undefined): string => {
    const stem = (filename ?? '').replace(/\.pdf$/i, '').normalize('NFKD')
    const words = stem.replace(/[^a-zA-Z0-9\-()[\]]+/g, ' ').trim()
    const name = words.slice(0, 190).trim() || 'document'
    const unique = taken.has(name) ? `${name} (${taken.size + 1})` : name
    taken.add(unique)
    return unique
  }
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}

// ---- prompt cache

function cachePoint(cache: AIChatMessage['cache'], model: BedrockModel | undefined): CachePoint[] {
  if (!cache || model?.promptCache === 'none') return []
  const ttl = cache === 'long' && model?.promptCache !== 'short' ? { ttl: '1h' as const } : {}
  return [{ cachePoint: { type: 'default', ...ttl } }]
}

function noteCache(
  id: string,
  messages: readonly AIChatMessage[],
  model: BedrockModel | undefined,
  drop: ChatChanges['drop'],
): void {
  const hints = messages.map(({ cache }) => cache)
  if (model?.promptCache === 'none' && hints.some(Boolean)) drop('cache', `${id} has no prompt cache`)
  if (model?.promptCache === 'short' && hints.includes('long'))
    drop('cache', `${id} keeps nothing for an hour; kept for five minutes`)
}
