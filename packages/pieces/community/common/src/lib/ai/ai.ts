import type { AIClient } from './contract/client.ts'
import type { AiProviderMetadata, AI as ProviderAI } from './contract/registry.ts'
import { AIError } from './errors/ai-error.ts'
import { type AiProvider, AiProviders, type ProviderModels, type ProviderSdk } from './providers/index.ts'
import { createAI } from './runtime/create-ai.ts'

/** What a provider's factory returns. @typeParam SDK the vendor's official client */
export type AI<SDK = unknown> = ProviderAI<SDK>

/** The AI of a provider of the registry. */
export interface AIProviderClient<Provider extends string>
  extends AIClient<ProviderSdk<Provider>, ProviderModels<Provider>> {}

/** The server that stores the keys: the part of the framework's `ServerContext` that is used. */
export type AIServer = {
  /** URL of the server's API, e.g. `https://flows.example.com/api/`, with or without the trailing slash. */
  apiUrl: string
  /** The engine token of the run. */
  token: string
}

/** A provider of the registry, or one of its connections, e.g. `openai@my-gateway`. */
type ProviderName = AiProvider | `${AiProvider}@${string}`

/** Refuses a literal that names no provider. A plain string is only checked at run time. */
type Checked<Provider extends string> = [Extract<ProviderName, Provider>] extends [never]
  ? Provider extends ProviderName
    ? Provider
    : ProviderName
  : Provider

/**
 * Returns the AI of a provider, reached through our server. The same calls work with every provider.
 *
 * @param options `provider`: a value of the registry, e.g. `openai`, or a connection, e.g. `openai@my-gateway`; `server`: the
 *   `server` of the piece's context
 * @throws AIError `unknown-provider`, which lists the known ones; `engine-token` if the token is missing; `invalid-request`
 *   if `server.apiUrl` is not a URL
 * @example
 * const ai = AI({ provider: 'anthropic', server: context.server })
 * const completion = await ai.chat.text({ model: 'claude-sonnet-5-5', messages: [{ role: 'user', content: 'Hello' }] })
 */
export function AI<const Provider extends string>({
  provider,
  server,
}: {
  provider: Checked<Provider>
  server: AIServer
}): AIProviderClient<Provider> {
  const { entry, ai } = connect({ provider, server })
  // SAFETY: the entry was found by the value that the type is derived from.
  return createAI(ai, provider, entry.models) as unknown as AIProviderClient<Provider>
}

/** Returns the registry entry of a connection and its AI, pointed at our server. @throws AIError like `AI()` */
export function connect({ provider, server }: { provider: string; server: AIServer }): {
  entry: AiProviderMetadata
  ai: ProviderAI
} {
  const value = provider.split('@', 1)[0]
  const entry = AiProviders.find((known) => known.value === value)
  if (!entry) throw unknownProvider(provider)
  const { apiUrl, token } = checkServer(server, provider)
  const serverUrl = `${apiUrl.replace(/\/+$/, '')}/v1/ai-providers/proxy/${provider}`
  return { entry, ai: entry.factory({ serverUrl, engineToken: token }) }
}

function checkServer(server: Partial<AIServer> | undefined, provider: string): AIServer {
  const { apiUrl = '', token } = server ?? {}
  if (!/^https?:$/.test(URL.parse(apiUrl)?.protocol ?? '')) {
    const message = `server.apiUrl is "${apiUrl}"; expected the URL of the server's API, such as "https://example.com/api/".`
    throw new AIError({ code: 'invalid-request', message, parameter: 'server.apiUrl', provider })
  }
  if (!token) throw new AIError({ code: 'engine-token', message: 'server.token is missing.', provider })
  return { apiUrl, token }
}

function unknownProvider(provider: string): AIError {
  const known = AiProviders.map((entry) => entry.value).join(', ')
  return new AIError({ code: 'unknown-provider', message: `Unknown AI provider "${provider}". Known: ${known}.` })
}
