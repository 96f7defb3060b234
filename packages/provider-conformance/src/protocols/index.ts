import type { ReceivedRequest } from '../targets/fake-vendor.ts'
import { anthropicMessagesProtocol } from './anthropic-messages.ts'
import { bedrockConverseProtocol } from './bedrock-converse.ts'
import { chatCompletionsProtocol } from './chat-completions.ts'
import { cohereChatProtocol } from './cohere-chat.ts'
import { geminiProtocol } from './gemini.ts'
import { openaiResponsesProtocol } from './openai-responses.ts'
import type { Protocol } from './protocol.ts'

/** Known protocols. A provider that uses one of them needs no fixtures of its own. */
export const PROTOCOLS = [
  chatCompletionsProtocol,
  anthropicMessagesProtocol,
  openaiResponsesProtocol,
  geminiProtocol,
  cohereChatProtocol,
  bedrockConverseProtocol,
] as const satisfies readonly Protocol[]

export type ProtocolName =
  | 'chat-completions'
  | 'anthropic-messages'
  | 'openai-responses'
  | 'gemini'
  | 'cohere-chat'
  | 'bedrock-converse'

/** Returns the protocol of a request; undefined if it is unknown. */
export function knownProtocol({ path, body }: ReceivedRequest): Protocol | undefined {
  return PROTOCOLS.find(({ matches }) => matches(path, body))
}
