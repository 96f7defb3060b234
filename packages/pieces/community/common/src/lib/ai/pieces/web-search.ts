import type { AiProviderMetadata } from '../contract/registry.ts'
import { AiProviders } from '../providers/index.ts'

/**
 * Returns whether a model supports `webSearch`, to show a property only for such models. Sends no request.
 *
 * @param provider value of the registry, or `<provider>@<connection>`
 */
export function searchesWeb(provider: unknown, model: unknown): boolean {
  if (typeof provider !== 'string' || typeof model !== 'string' || model === '') return false
  const entry: AiProviderMetadata | undefined = AiProviders.find(({ value }) => value === provider.split('@', 1)[0])
  return entry?.factory({ serverUrl: '', engineToken: '' }).chat.webSearch?.(model) ?? false
}
