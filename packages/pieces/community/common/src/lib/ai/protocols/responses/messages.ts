import type {
  EasyInputMessage,
  ResponseInputFile,
  ResponseInputImage,
  ResponseInputItem,
  ResponseInputText,
  ResponseReasoningItem,
} from 'openai/resources/responses/responses'
import type { AIChatMessage, AIContentPart, AIReasoning } from '../../contract/chat.ts'
import { type ChatChanges, createIds, textOrRefusal } from '../shared/changes.ts'
import { resolveFile } from '../shared/files.ts'
import type { OpenaiModel } from '../shared/openai-model.ts'

type InputPart = ResponseInputText | ResponseInputImage | ResponseInputFile

export function renderInput(
  messages: readonly AIChatMessage[],
  model: OpenaiModel | undefined,
  changes: ChatChanges,
): ResponseInputItem[] {
  const idOf = createIds()
  return messages.flatMap((message, index): ResponseInputItem[] => {
    const at = `messages[${index}]`
    if (message.role === 'system') {
      return message.content === '' ? [] : [{ role: model?.systemRole ?? 'system', content: message.content }]
    }
    if (message.role === 'user') return [{ role: 'user', content: renderContent(message.content, at) }]
    if (message.role === 'assistant') {
      return renderAssistant(message, textOrRefusal(message, at, changes), idOf, changes.drop)
    }
    return [{ type: 'function_call_output', call_id: idOf(message.toolCallId), output: renderResult(message, at) }]
  })
}

/** Reasoning comes first: the API requires it before its output, and rejects reasoning without output. */
function renderAssistant(
  message: Extract<AIChatMessage, { role: 'assistant' }>,
  text: string,
  idOf: (id: string) => string,
  drop: ChatChanges['drop'],
): ResponseInputItem[] {
  const said: EasyInputMessage[] = text
    ? [{ role: 'assistant', content: text, ...(message.phase && { phase: message.phase }) }]
    : []
  const calls = (message.toolCalls ?? []).map((call) => ({
    type: 'function_call' as const,
    call_id: idOf(call.id),
    name: call.name,
    arguments: JSON.stringify(call.arguments ?? {}),
  }))
  const given = message.reasoning ?? []
  const outcome = [...said, ...calls]
  const signed = outcome.length > 0 ? given.filter(isSigned) : []
  if (signed.length < given.length) {
    drop('reasoning', outcome.length > 0 ? 'this API only accepts its own signed reasoning back' : 'it has no output')
  }
  return [...renderReasoning(signed), ...outcome]
}

type SignedReasoning = AIReasoning & { id: string; signature: string }

/** Reasoning of other protocols has no id or no signature. */
function isSigned(thought: AIReasoning): thought is SignedReasoning {
  const ours = thought.signedBy === undefined || thought.signedBy === 'openai'
  return ours && thought.id !== undefined && thought.signature !== undefined
}

/**
 * Renders one item per reasoning id, without the id: the vendor would look up the item that followed it, which our
 * conversation does not have, and return "provided without its required following item". The signature is sufficient.
 */
function renderReasoning(reasoning: readonly SignedReasoning[]): ResponseInputItem[] {
  const byId = Map.groupBy(reasoning, (thought) => thought.id)
  return [...byId.values()].map((parts) => {
    const item: Omit<ResponseReasoningItem, 'id'> = {
      type: 'reasoning',
      summary: parts.flatMap(({ text }) => (text === '' ? [] : [{ type: 'summary_text' as const, text }])),
      encrypted_content: parts[0]?.signature ?? '',
    }
    // SAFETY: the SDK uses one type for responses and requests; without storage a request may omit the id.
    return item as ResponseReasoningItem
  })
}

function renderResult(message: Extract<AIChatMessage, { role: 'tool' }>, at: string): string | InputPart[] {
  const content = renderContent(message.content, at)
  if (!message.isError) return content
  return typeof content === 'string' ? `Error: ${content}` : [{ type: 'input_text', text: 'Error:' }, ...content]
}

function renderContent(content: string | AIContentPart[], at: string): string | InputPart[] {
  if (typeof content === 'string') return content
  return content.map((part, index) => renderPart(part, `${at}.content[${index}]`))
}

function renderPart(part: AIContentPart, at: string): InputPart {
  if (part.type === 'text') return { type: 'input_text', text: part.text }
  if (part.type === 'image') {
    const image = resolveFile(part.image, 'image', `${at}.image`)
    const image_url = image.url ?? `data:${image.mediaType};base64,${image.base64}`
    return { type: 'input_image', image_url, detail: 'auto' }
  }
  const file = resolveFile(part.file, 'file', `${at}.file`)
  if (file.url !== undefined) return { type: 'input_file', file_url: file.url }
  const file_data = `data:${file.mediaType};base64,${file.base64}`
  return { type: 'input_file', filename: file.filename ?? 'file.pdf', file_data }
}
