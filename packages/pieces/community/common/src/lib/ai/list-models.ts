import { type AIServer, connect } from './ai.ts'
import type { AIListedModel } from './contract/model.ts'
import { AIError } from './errors/ai-error.ts'
import { toAIError } from './errors/read.ts'
import { mergeModels } from './protocols/shared/model-list.ts'
import type { AiProvider } from './providers/index.ts'
import { createDeadline } from './runtime/deadline.ts'
import { retrying } from './runtime/retry.ts'

/** The models of a connection. */
export type AIModelList = {
  /** The registry's, in its order, then those that the vendor alone lists. */
  readonly models: readonly AIListedModel[]
  /** Whether the vendor was asked; else these are the registry's. */
  readonly live: boolean
  /** Why the vendor's list could not be had. */
  readonly reason?: AIError
}

const CACHE_TTL_MS = 5 * 60_000
const MAX_CACHED_CONNECTIONS = 100
const LIST_TIMEOUT_MS = 10_000

/** By connection, the one that was used longest ago first. What is on its way is in it too, and shared. */
const cache = new Map<string, { readonly list: Promise<AIModelList>; readonly until: number }>()

/**
 * The models that a connection has: those of the registry, with what is known of them, and those that its vendor lists
 * besides, each with what it can do. A list is kept for five minutes, those of 100 connections at most. Where the vendor
 * cannot be asked within ten seconds, these are the registry's models with the reason, and the next call asks again.
 *
 * @throws AIError `unknown-provider`; `engine-token` when there is none
 * @example
 * const { models } = await listModels({ provider: 'openai', server: context.server })
 * const chatting = models.filter((model) => capabilitiesOf(model).includes('text'))
 */
export async function listModels(connection: {
  provider: AiProvider | (string & {})
  server: AIServer
}): Promise<AIModelList> {
  const { entry, ai } = connect(connection)
  // Not by the token: that one is another for each run, and the server's connection is the same.
  const key = `${connection.server.apiUrl.replace(/\/+$/, '')} ${connection.provider}`
  const kept = cache.get(key)
  cache.delete(key)
  const made = kept && kept.until > Date.now() ? kept : { list: fetchList(), until: Date.now() + CACHE_TTL_MS }
  cache.set(key, made)
  for (const oldest of [...cache.keys()].slice(0, Math.max(0, cache.size - MAX_CACHED_CONNECTIONS)))
    cache.delete(oldest)
  const list = await made.list
  if (!list.live && cache.get(key) === made) cache.delete(key)
  return list

  async function fetchList(): Promise<AIModelList> {
    using deadline = createDeadline(undefined, { total: LIST_TIMEOUT_MS })
    const read = (thrown: unknown) => toAIError(deadline.passed() ?? thrown, { provider: connection.provider })
    try {
      const message = `The provider ${connection.provider} does not list its models.`
      const { models } = ai
      if (!models) throw new AIError({ code: 'unsupported', message })
      const attempt = () => deadline.attempt(({ signal }) => models.list({ signal }))
      const listed = await retrying(attempt, read, { signal: deadline.signal })
      return { models: mergeModels(entry.models, listed), live: true }
    } catch (error) {
      return { models: entry.models, live: false, reason: read(error) }
    }
  }
}
