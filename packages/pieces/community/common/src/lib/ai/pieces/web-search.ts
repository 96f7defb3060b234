import type { AiProviderMetadata } from '../contract/registry.ts'
import { AiProviders } from '../providers/index.ts'

/**
 * Whether a model can be asked with `webSearch`, for a property that is offered for such models alone. Nothing is asked of
 * the vendor.
 *
 * @param provider value of the registry, or `<provider>@<connection>`
 */
export function searchesWeb(provider: unknown, model: unknown): boolean {
  if (typeof provider !== 'string' || typeof model !== 'string' || model === '') return false
  const entry: AiProviderMetadata | undefined = AiProviders.find(({ value }) => value === provider.split('@', 1)[0])
  return entry?.factory({ serverUrl: '', engineToken: '' }).chat.webSearch?.(model) ?? false
}
