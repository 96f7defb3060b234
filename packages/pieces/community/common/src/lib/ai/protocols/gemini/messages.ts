import type { AIChatMessage, AIChatRequest, AIContentPart, AIReasoning, AIToolCall } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createIds, textOrRefusal } from '../shared/changes.ts'
import { resolveFile } from '../shared/files.ts'
import type { GeminiModel } from './model.ts'

export type GeminiContent = { role: 'user' | 'model'; parts: GeminiPart[] }

/** One of these, and the seal of the thought that led to it. */
export type GeminiPart = {
  text?: string
  thought?: boolean
  thoughtSignature?: string
  inlineData?: { mimeType: string; data: string }
  fileData?: { mimeType?: string; fileUri: string }
  functionCall?: { id: string; name: string; args: unknown }
  functionResponse?: { id: string; name: string; response: object; parts?: GeminiPart[] }
}

/** System text, once, apart from the conversation. */
export function renderSystem(messages: readonly AIChatMessage[]): { systemInstruction?: { parts: GeminiPart[] } } {
  const texts = messages.flatMap(({ role, content }) => (role === 'system' && content !== '' ? [String(content)] : []))
  return texts.length === 0 ? {} : { systemInstruction: { parts: [{ text: texts.join('\n\n') }] } }
}

/**
 * The conversation without its system text.
 *
 * @param model what is known of the model: Gemini 2.5 takes no files inside a tool's result, and no word for a missing seal
 * @throws AIError `invalid-request` for a message that is empty, or a conversation that is
 */
export function renderContents(
  { messages }: AIChatRequest,
  model: GeminiModel | undefined,
  changes: ChatChanges,
): GeminiContent[] {
  const { drop } = changes
  const idOf = createIds()
  const names = new Map<string, string>()
  const contents: GeminiContent[] = []
  messages.forEach((message, index) => {
    const at = `messages[${index}]`
    if (message.role === 'user') contents.push({ role: 'user', parts: renderUser(message.content, at, drop) })
    else if (message.role === 'assistant') {
      for (const { id, name } of message.toolCalls ?? []) names.set(id, name)
      const content = textOrRefusal(message, at, changes)
      const parts = renderAssistant({ ...message, content }, model, idOf)
      if (!(message.reasoning ?? []).every(isOwn)) drop('reasoning', 'this vendor cannot read the thoughts of another')
      if (parts.length > 0) contents.push({ role: 'model', parts })
      else drop(at, 'it is empty, and this vendor takes no empty message')
    } else if (message.role === 'tool' && messages[index - 1]?.role !== 'tool') {
      const nameOf = (id: string) => names.get(id) ?? id
      contents.push(...renderResults(resultsFrom(messages, index), { nameOf, idOf, model }))
    }
  })
  if (contents.length > 0) return contents
  const message = 'messages has no message of role user: this vendor needs at least one.'
  throw new AIError({ code: 'invalid-request', message, parameter: 'messages' })
}

/** A user's empty message is a prompt that was forgotten: an answer without it would be an answer to something else. */
function renderUser(content: string | AIContentPart[], at: string, drop: ChatChanges['drop']): GeminiPart[] {
  const parts = renderParts(content, at)
  if (parts.length === 0) {
    const message = `${at}.content is empty; this vendor takes no empty message.`
    throw new AIError({ code: 'invalid-request', message, parameter: `${at}.content` })
  }
  if (typeof content !== 'string' && parts.length < content.length) {
    drop(`${at}.content`, 'this vendor takes no empty text; the rest was sent')
  }
  return parts
}

// ---- the model's own messages

/** Thoughts, text, calls, each with its seal: without it the vendor refuses a call, and thinks worse about a text. */
function renderAssistant(
  { content, reasoning = [], toolCalls = [] }: Extract<AIChatMessage, { role: 'assistant' }>,
  model: GeminiModel | undefined,
  idOf: (id: string) => string,
): GeminiPart[] {
  const own = reasoning.filter(isOwn)
  const thoughts = own.filter(({ text }) => text !== '')
  const seals = own.flatMap(({ text, signature }) => (text === '' && signature !== undefined ? [signature] : []))
  const seal = seals.pop() // of the text; those before it had empty texts of their own
  return [
    ...thoughts.map(({ text, signature }) => ({ text, thought: true, ...sealed(signature) })),
    ...seals.map((earlier) => ({ text: '', ...sealed(earlier) })),
    ...(content === '' && seal === undefined ? [] : [{ text: content, ...sealed(seal) }]),
    ...toolCalls.map((call, index) => renderCall(call, index, model, idOf)),
  ]
}

function sealed(signature: string | undefined): Pick<GeminiPart, 'thoughtSignature'> {
  return signature === undefined ? {} : { thoughtSignature: signature }
}

/** A thought that is named, closed or sealed by another is that one's. */
function isOwn({ id, encrypted, signedBy = 'gemini' }: AIReasoning): boolean {
  return id === undefined && encrypted === undefined && signedBy === 'gemini'
}

/** The first of parallel calls carries the seal. */
function renderCall(
  { id, name, arguments: args, signature }: AIToolCall,
  index: number,
  model: GeminiModel | undefined,
  idOf: (id: string) => string,
): GeminiPart {
  const missing = index === 0 && model?.thinking !== 'budget' ? NO_SIGNATURE : undefined
  return { functionCall: { id: idOf(id), name, args: args ?? {} }, ...sealed(signature ?? missing) }
}

/**
 * "skip_thought_signature_validator" in base64: Gemini 3 refuses calls without a seal, and those that another vendor's model
 * made, earlier in the conversation, have none.
 *
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const NO_SIGNATURE = 'c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I='

// ---- results of tools

type Result = Extract<AIChatMessage, { role: 'tool' }>

/** The results of parallel calls, which belong into one content, each with its place. */
function resultsFrom(messages: readonly AIChatMessage[], first: number): { result: Result; at: string }[] {
  const rest = messages.slice(first)
  const end = rest.findIndex(({ role }) => role !== 'tool')
  return rest
    .slice(0, end < 0 ? undefined : end)
    .flatMap((message, index) =>
      message.role === 'tool' ? [{ result: message, at: `messages[${first + index}]` }] : [],
    )
}

type ResultContext = {
  nameOf: (id: string) => string
  idOf: (id: string) => string
  model: GeminiModel | undefined
}

/** Files stand inside the result; Gemini 2.5 wants them after it. */
function renderResults(
  results: { result: Result; at: string }[],
  { nameOf, idOf, model }: ResultContext,
): GeminiContent[] {
  const after: GeminiPart[] = []
  const parts = results.map(({ result, at }): GeminiPart => {
    const rendered = renderParts(result.content, `${at}`)
    const text = rendered.flatMap((part) => part.text ?? []).join('\n')
    const files = rendered.filter((part) => part.text === undefined)
    const inside = model?.thinking === 'budget' ? [] : files
    if (inside.length === 0) after.push(...files)
    const response = result.isError ? { error: text } : { output: text }
    const { toolCallId: id } = result
    return {
      functionResponse: { id: idOf(id), name: nameOf(id), response, ...(inside.length > 0 && { parts: inside }) },
    }
  })
  return [{ role: 'user', parts }, ...(after.length > 0 ? [{ role: 'user' as const, parts: after }] : [])]
}

// ---- parts

function renderParts(content: string | AIContentPart[], at: string): GeminiPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }]
  return content.flatMap((part, index) =>
    part.type === 'text' && part.text === '' ? [] : [renderPart(part, `${at}.content[${index}]`)],
  )
}

function renderPart(part: AIContentPart, at: string): GeminiPart {
  if (part.type === 'text') return { text: part.text }
  const [given, field] = part.type === 'image' ? [part.image, 'image' as const] : [part.file, 'file' as const]
  const file = resolveFile(given, field, `${at}.${field}`)
  if (file.url === undefined) return { inlineData: { mimeType: file.mediaType, data: file.base64 } }
  const named = 'mediaType' in given ? given.mediaType : undefined
  const mimeType = named ?? (field === 'file' ? 'application/pdf' : imageType(file.url))
  return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri: file.url } }
}

/** The vendor wants a type for each URL; where the URL does not tell, it has to find out itself. */
function imageType(url: string): string | undefined {
  const [, end = ''] = /\.(png|jpe?g|gif|webp)(?:[?#]|$)/i.exec(url) ?? []
  const type = end.toLowerCase()
  return type === '' ? undefined : `image/${type === 'jpg' ? 'jpeg' : type}`
}
