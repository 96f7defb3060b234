import { createHash } from 'node:crypto'
import type { AIChatMessage } from '@activepieces/pieces-common'
import { type Store, StoreScope } from '@activepieces/pieces-framework'

/** A conversation keeps its latest messages up to both bounds; system text is not kept, each call brings its own. */
export const MEMORY_MESSAGES = 20
/** Characters of JSON: far below the 512 KB that a store entry may have, even when each is four bytes. */
export const MEMORY_CHARACTERS = 100_000

/** The kept messages of a conversation, oldest first. */
export async function recall(store: Store, conversationKey: string): Promise<AIChatMessage[]> {
  const kept = await store.get<AIChatMessage[]>(storeKey(conversationKey), StoreScope.PROJECT)
  return Array.isArray(kept) ? kept : []
}

/**
 * Adds the messages of one turn and drops the oldest beyond the bounds. What stands in the store is read again just
 * before, so that a turn which another run added meanwhile is kept.
 */
export async function remember(store: Store, conversationKey: string, turn: AIChatMessage[]): Promise<void> {
  const latest = await recall(store, conversationKey)
  await store.put(storeKey(conversationKey), bounded([...latest, ...turn]), StoreScope.PROJECT)
}

/** Drops the oldest messages beyond the bounds, and answers whose question is gone. */
export function bounded(messages: AIChatMessage[]): AIChatMessage[] {
  let kept = messages.slice(-MEMORY_MESSAGES)
  while (kept.length > 0 && (JSON.stringify(kept).length > MEMORY_CHARACTERS || kept[0]?.role === 'assistant')) {
    kept = kept.slice(1)
  }
  return kept
}

/** A store key has 128 characters at most: a longer conversation key stands there by its hash. */
function storeKey(conversationKey: string): string {
  const key =
    conversationKey.length <= 100 ? conversationKey : createHash('sha256').update(conversationKey).digest('hex')
  return `ask-ai:${key}`
}
