import type { AIClient, AI as AIOfAuthor, AiProviderMetadata } from './contract/registry.ts'
import { AIError } from './errors/ai-error.ts'
import { type AiProvider, AiProviders, type ProviderModels, type ProviderSdk } from './providers/index.ts'
import { createAI } from './runtime/create-ai.ts'

/** What a provider's factory returns. @typeParam SDK the vendor's official client */
export type AI<SDK = unknown> = AIOfAuthor<SDK>

/** Where our server is and what it knows us by: the part of the framework's `ServerContext` that is used. */
export type AIServer = {
  /** The server's API, e.g. `https://flows.example.com/api/`; with or without the trailing slash. */
  apiUrl: string
  /** The engine token of the run. */
  token: string
}

/**
 * One vendor's AI, spoken to through our server: the same call works with every provider.
 *
 * @param options who is asked, and by way of which server
 * @throws AIError `unknown-provider`, which lists the known ones; `engine-token` when there is none
 * @example
 * const ai = AI({ provider: 'anthropic', server: context.server })
 * const completion = await ai.chat.text({ model: 'claude-sonnet-5-5', messages: [{ role: 'user', content: 'Hello' }] })
 */
export function AI<const Provider extends string>({
  provider,
  server,
}: {
  /** A value of the registry, e.g. `openai`, or one of several connections of a vendor, e.g. `openai@my-gateway`. */
  provider: Provider | AiProvider
  /** The `server` of the piece's context. */
  server: AIServer
}): AIClient<ProviderSdk<Provider>, ProviderModels<Provider>> {
  const { entry, ai } = connect({ provider, server })
  // SAFETY: the entry was found by the value that the type was derived from.
  return createAI(ai, provider, entry.models) as AIClient<ProviderSdk<Provider>, ProviderModels<Provider>>
}

/** The registry's entry of a connection, and what its author wrote, pointed at our server. @throws AIError like `AI()` */
export function connect({ provider, server }: { provider: string; server: AIServer }): {
  entry: AiProviderMetadata
  ai: AIOfAuthor
} {
  const value = provider.split('@', 1)[0]
  const entry = AiProviders.find((known) => known.value === value)
  if (!entry) throw unknownProvider(provider)
  if (!server.token) throw new AIError({ code: 'engine-token', message: 'server.token is missing.', provider })
  const serverUrl = `${server.apiUrl.replace(/\/+$/, '')}/v1/ai-providers/proxy/${provider}`
  return { entry, ai: entry.factory({ serverUrl, engineToken: server.token }) }
}

function unknownProvider(provider: string): AIError {
  const known = AiProviders.map((entry) => entry.value).join(', ')
  return new AIError({
    code: 'unknown-provider',
    message: `There is no AI provider "${provider}"; known are: ${known}.`,
  })
}
