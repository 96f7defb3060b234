import type { AIChatCompletionUsage } from '../../contract/chat.ts'
import type { JsonObject } from './json.ts'

/** What a call does. */
export type AIOperation = 'chat' | 'embeddings' | 'image' | 'speech' | 'transcription' | 'moderation' | 'models'

/** How to read the traffic of a protocol without knowing who sent it. */
export type ProtocolObserver = {
  /** Operations by the end of the path, without its query. */
  readonly operations: readonly (readonly [path: RegExp, operation: AIOperation])[]
  /** Usage objects: fields that tell them from those of other protocols, and how to read them. */
  readonly usages?: readonly {
    readonly fields: readonly string[]
    readonly parse: (usage: JsonObject) => AIChatCompletionUsage
  }[]
  /** Field with the finish reason, at any depth. */
  readonly finishReasonField?: string
}
