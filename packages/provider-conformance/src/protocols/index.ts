import type { SeenRequest } from '../targets/fake-vendor.ts'
import { anthropicMessagesWire } from './anthropic-messages.ts'
import { bedrockConverseWire } from './bedrock-converse.ts'
import { chatCompletionsWire } from './chat-completions.ts'
import { cohereChatWire } from './cohere-chat.ts'
import { geminiWire } from './gemini.ts'
import { openaiResponsesWire } from './openai-responses.ts'
import type { Wire } from './protocol.ts'

/** The wires that are known here: a vendor that speaks one of them writes no fixture. */
export const WIRES = [
  chatCompletionsWire,
  anthropicMessagesWire,
  openaiResponsesWire,
  geminiWire,
  cohereChatWire,
  bedrockConverseWire,
] as const satisfies readonly Wire[]

export type WireName =
  | 'chat-completions'
  | 'anthropic-messages'
  | 'openai-responses'
  | 'gemini'
  | 'cohere-chat'
  | 'bedrock-converse'

/** The wire that a request is of; undefined where none is known. */
export function knownWire({ path, body }: SeenRequest): Wire | undefined {
  return WIRES.find(({ speaks }) => speaks(path, body))
}
