import type { AIChatMessage, AIChatRequest, AIContentPart, AIReasoning } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createIds, textOrRefusal } from '../shared/changes.ts'
import { resolveFile } from '../shared/files.ts'
import { withoutParts } from '../shared/parts.ts'
import type { BedrockModel } from './model.ts'

export type ConverseMessage = { role: 'user' | 'assistant'; content: ConverseBlock[] }

/** Caches the prompt up to here, for five minutes or `ttl`. */
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

/** Renders the system text, separate from the conversation. */
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

/** Returns the names of the tools that the conversation has called. */
export function calledTools(messages: readonly AIChatMessage[]): string[] {
  const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
  return [...new Set(calls.map(({ name }) => name))]
}

/**
 * Renders the conversation without its system text. Roles must alternate, so consecutive messages of one role are merged;
 * tool results belong to the user.
 *
 * @throws AIError `invalid-request` for an empty message or conversation
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
      drop(at, 'it is empty, and this vendor does not accept empty messages')
      continue
    }
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const last = rendered.at(-1)
    const blocks = [...content, ...cachePoint(message.cache, model)]
    if (last?.role === role) last.content.push(...blocks)
    else rendered.push({ role, content: blocks })
  }
  if (rendered.length > 0) return rendered
  const message = 'messages has no user message; this vendor needs at least one.'
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
        content: parts.length > 0 ? parts : [{ text: '(empty)' }], // a result must not be empty
        ...(isError && { status: 'error' as const }), // `success` is omitted, because not all models accept it
      },
    },
  ]
}

/** An empty user message is an error, because the answer would be to something else. */
function renderUser(content: string | AIContentPart[], at: string, context: Context): ConverseBlock[] {
  const parts = renderParts(content, at, context)
  if (parts.length === 0) {
    const message = `${at}.content is empty; this vendor does not accept empty messages.`
    throw new AIError({ code: 'invalid-request', message, parameter: `${at}.content` })
  }
  if (typeof content !== 'string' && parts.length < content.length) {
    context.changes.drop(`${at}.content`, 'this vendor does not accept empty text; the rest was sent')
  }
  return parts
}

// ---- assistant messages

/** Reasoning comes first and unchanged: without it a reasoning model rejects the result of its call. */
function renderAssistant(
  { content, reasoning = [], toolCalls = [] }: Extract<AIChatMessage, { role: 'assistant' }>,
  { idOf, model, changes: { drop } }: Context,
): ConverseBlock[] {
  const rendered = acceptsReasoning(model) ? reasoning.flatMap(renderReasoning) : []
  if (rendered.length < reasoning.length) drop('reasoning', 'this model only accepts its own signed reasoning back')
  return [
    ...rendered,
    ...(isBlank(content) ? [] : [{ text: content }]),
    ...toolCalls.map(({ id, name, arguments: input }) => ({
      toolUse: { toolUseId: idOf(id), name, input: input ?? {} },
    })),
  ]
}

/** Only Anthropic's models sign their reasoning and accept it back. */
function acceptsReasoning(model: BedrockModel | undefined): boolean {
  return model === undefined || model.thinking === 'adaptive' || model.thinking === 'budget'
}

/** Reasoning that is unsigned, or signed by another vendor, cannot be sent back. */
function renderReasoning({
  text,
  id,
  signature,
  encrypted,
  signedBy = 'amazon-bedrock',
}: AIReasoning): ConverseBlock[] {
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
  const bytes = file.base64 ?? '' // URLs have been dropped
  if (field === 'file') return { document: { format: 'pdf', name: documentName(file.filename), source: { bytes } } }
  const format = file.url === undefined ? file.mediaType.replace('image/', '') : ''
  return { image: { format, source: { bytes } } }
}

/**
 * Creates unique document names as the vendor requires: 1 to 200 ASCII letters, digits, single spaces, hyphens, parentheses
 * and square brackets.
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
    drop('cache', `${id} cannot cache for an hour; cached for five minutes`)
}
