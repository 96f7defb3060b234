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
  /** Models of the registry, in its order, then those that only the vendor lists. */
  readonly models: readonly AIListedModel[]
  /** Whether the vendor's list is included. */
  readonly live: boolean
  /** Why the vendor's list is missing. */
  readonly reason?: AIError
}

const CACHE_TTL_MS = 5 * 60_000
const MAX_CACHED_CONNECTIONS = 100
const LIST_TIMEOUT_MS = 10_000

/** Lists by connection, least recently used first. Includes pending requests, which callers share. */
const cache = new Map<string, { readonly list: Promise<AIModelList>; readonly until: number }>()

/**
 * Returns the models of a connection: those of the registry, and those that only the vendor lists. Lists are cached for
 * five minutes, for at most 100 connections. If the vendor does not answer within ten seconds, returns the registry's models
 * with the reason, and the next call asks again.
 *
 * @throws AIError `unknown-provider`; `engine-token` if the token is missing
 * @example
 * const { models } = await listModels({ provider: 'openai', server: context.server })
 * const chatting = models.filter((model) => capabilitiesOf(model).includes('text'))
 */
export async function listModels(connection: {
  provider: AiProvider | (string & {})
  server: AIServer
}): Promise<AIModelList> {
  const { entry, ai } = connect(connection)
  // Not by token: each run has its own, for the same connection.
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
    const read = (thrown: unknown) => toAIError(deadline.exceeded() ?? thrown, { provider: connection.provider })
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
