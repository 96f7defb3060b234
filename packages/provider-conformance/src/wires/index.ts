import { anthropicMessagesWire } from './anthropic-messages.ts'
import { chatCompletionsWire } from './chat-completions.ts'
import { cohereChatWire } from './cohere-chat.ts'
import { geminiWire } from './gemini.ts'
import { openaiResponsesWire } from './openai-responses.ts'
import type { Wire } from './wire.ts'

/** The wires that are known here: a vendor that speaks one of them writes no fixture. */
export const WIRES = [
  chatCompletionsWire,
  anthropicMessagesWire,
  openaiResponsesWire,
  geminiWire,
  cohereChatWire,
] as const satisfies readonly Wire[]

export type WireName = 'chat-completions' | 'anthropic-messages' | 'openai-responses' | 'gemini' | 'cohere-chat'
