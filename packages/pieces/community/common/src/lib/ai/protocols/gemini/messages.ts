import type { AIChatMessage, AIChatRequest, AIContentPart, AIReasoning, AIToolCall } from '../../contract/chat.ts'
import { AIError } from '../../errors/ai-error.ts'
import { type ChatChanges, createIds, textOrRefusal } from '../shared/changes.ts'
import { resolveFile } from '../shared/files.ts'
import type { GeminiModel } from './model.ts'

export type GeminiContent = { role: 'user' | 'model'; parts: GeminiPart[] }

/** One kind of content, and the signature of the reasoning behind it. */
export type GeminiPart = {
  text?: string
  thought?: boolean
  thoughtSignature?: string
  inlineData?: { mimeType: string; data: string }
  fileData?: { mimeType?: string; fileUri: string }
  functionCall?: { id: string; name: string; args: unknown }
  functionResponse?: { id: string; name: string; response: object; parts?: GeminiPart[] }
}

/** Renders the system text, separate from the conversation. */
export function renderSystem(messages: readonly AIChatMessage[]): { systemInstruction?: { parts: GeminiPart[] } } {
  const texts = messages.flatMap(({ role, content }) => (role === 'system' && content !== '' ? [String(content)] : []))
  return texts.length === 0 ? {} : { systemInstruction: { parts: [{ text: texts.join('\n\n') }] } }
}

/**
 * Renders the conversation without its system text.
 *
 * @param model the known model: Gemini 2.5 accepts neither files inside tool results nor a placeholder for a missing signature
 * @throws AIError `invalid-request` for an empty message or conversation
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
      if (!(message.reasoning ?? []).every(isOwn))
        drop('reasoning', "this vendor cannot read another vendor's reasoning")
      if (parts.length > 0) contents.push({ role: 'model', parts })
      else drop(at, 'it is empty, and this vendor does not accept empty messages')
    } else if (message.role === 'tool' && messages[index - 1]?.role !== 'tool') {
      const nameOf = (id: string) => names.get(id) ?? id
      contents.push(...renderResults(resultsFrom(messages, index), { nameOf, idOf, model }))
    }
  })
  if (contents.length > 0) return contents
  const message = 'messages has no user message; this vendor needs at least one.'
  throw new AIError({ code: 'invalid-request', message, parameter: 'messages' })
}

/** An empty user message is an error, because the answer would be to something else. */
function renderUser(content: string | AIContentPart[], at: string, drop: ChatChanges['drop']): GeminiPart[] {
  const parts = renderParts(content, at)
  if (parts.length === 0) {
    const message = `${at}.content is empty; this vendor does not accept empty messages.`
    throw new AIError({ code: 'invalid-request', message, parameter: `${at}.content` })
  }
  if (typeof content !== 'string' && parts.length < content.length) {
    drop(`${at}.content`, 'this vendor does not accept empty text; the rest was sent')
  }
  return parts
}

// ---- assistant messages

/** Reasoning, text and calls, each with its signature: without it the vendor rejects a call, and reasons worse about text. */
function renderAssistant(
  { content, reasoning = [], toolCalls = [] }: Extract<AIChatMessage, { role: 'assistant' }>,
  model: GeminiModel | undefined,
  idOf: (id: string) => string,
): GeminiPart[] {
  const own = reasoning.filter(isOwn)
  const thoughts = own.filter(({ text }) => text !== '')
  const signatures = own.flatMap(({ text, signature }) => (text === '' && signature !== undefined ? [signature] : []))
  const signature = signatures.pop() // of the text; earlier ones belong to empty texts
  return [
    ...thoughts.map(({ text, signature }) => ({ text, thought: true, ...signed(signature) })),
    ...signatures.map((earlier) => ({ text: '', ...signed(earlier) })),
    ...(content === '' && signature === undefined ? [] : [{ text: content, ...signed(signature) }]),
    ...toolCalls.map((call, index) => renderCall(call, index, model, idOf)),
  ]
}

function signed(signature: string | undefined): Pick<GeminiPart, 'thoughtSignature'> {
  return signature === undefined ? {} : { thoughtSignature: signature }
}

/** Reasoning with an id, encrypted or signed by another vendor is not Gemini's. */
function isOwn({ id, encrypted, signedBy = 'gemini' }: AIReasoning): boolean {
  return id === undefined && encrypted === undefined && signedBy === 'gemini'
}

/** The first of parallel calls has the signature. */
function renderCall(
  { id, name, arguments: args, signature }: AIToolCall,
  index: number,
  model: GeminiModel | undefined,
  idOf: (id: string) => string,
): GeminiPart {
  const missing = index === 0 && model?.thinking !== 'budget' ? NO_SIGNATURE : undefined
  return { functionCall: { id: idOf(id), name, args: args ?? {} }, ...signed(signature ?? missing) }
}

/**
 * "skip_thought_signature_validator" in base64. Gemini 3 rejects calls without a signature, and calls that another vendor's
 * model made earlier in the conversation have none.
 *
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const NO_SIGNATURE = 'c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I='

// ---- tool results

type Result = Extract<AIChatMessage, { role: 'tool' }>

/** Results of parallel calls, which must be in one content, with their index. */
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

/** Files are inside the result; Gemini 2.5 requires them after it. */
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

/** The vendor requires a type for each URL; a wildcard if the URL does not show it. */
function imageType(url: string): string | undefined {
  const [, end = ''] = /\.(png|jpe?g|gif|webp)(?:[?#]|$)/i.exec(url) ?? []
  const type = end.toLowerCase()
  return type === '' ? undefined : `image/${type === 'jpg' ? 'jpeg' : type}`
}
