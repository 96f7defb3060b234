import { createHash } from 'node:crypto'
import type { AIChatMessage } from '@activepieces/pieces-common'
import { type Store, StoreScope } from '@activepieces/pieces-framework'

/** Maximum number of messages stored per conversation. System prompts are not stored: each call sends its own. */
export const MAX_STORED_MESSAGES = 20
/** Maximum size of a stored conversation in characters of JSON. At four bytes each, they fit a 512 KB store entry. */
export const MAX_STORED_CHARACTERS = 100_000

/** Returns the stored messages of a conversation, oldest first. */
export async function recall(store: Store, conversationKey: string): Promise<AIChatMessage[]> {
  const stored = await store.get<AIChatMessage[]>(storeKey(conversationKey), StoreScope.PROJECT)
  return Array.isArray(stored) ? stored : []
}

/**
 * Adds the messages of one turn and drops the oldest messages beyond the limits. Reads the stored messages again first,
 * so that a turn added by another run in the meantime is kept.
 */
export async function remember(store: Store, conversationKey: string, turn: AIChatMessage[]): Promise<void> {
  const latest = await recall(store, conversationKey)
  await store.put(storeKey(conversationKey), bounded([...latest, ...turn]), StoreScope.PROJECT)
}

/** Drops the oldest messages beyond the limits, then any leading completion whose prompt was dropped. */
export function bounded(messages: AIChatMessage[]): AIChatMessage[] {
  let kept = messages.slice(-MAX_STORED_MESSAGES)
  while (kept.length > 0 && (JSON.stringify(kept).length > MAX_STORED_CHARACTERS || kept[0]?.role === 'assistant')) {
    kept = kept.slice(1)
  }
  return kept
}

/** Store keys have at most 128 characters, so long conversation keys are hashed. */
function storeKey(conversationKey: string): string {
  const key =
    conversationKey.length <= 100 ? conversationKey : createHash('sha256').update(conversationKey).digest('hex')
  return `ask-ai:${key}`
}
