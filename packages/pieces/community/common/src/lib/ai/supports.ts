import type { AICapability } from './model.ts'

/** Where the interface has what a capability stands for; the others have no methods yet. */
const NAMESPACES = { text: 'chat', image: 'image' } as const satisfies Partial<Record<AICapability, string>>

/** A capability that `supports` can be asked for. */
export type AISupported = keyof typeof NAMESPACES
type Namespace<Capability extends AISupported> = (typeof NAMESPACES)[Capability]
type Namespaces = { readonly [Name in (typeof NAMESPACES)[AISupported]]?: unknown }

/**
 * Whether a provider can do something; its methods are there afterwards for the compiler too.
 *
 * @example if (supports(ai, 'image')) await ai.image.generate({ model: 'gpt-image-2', prompt: 'A piece' })
 */
export function supports<Ai extends Namespaces, Capability extends AISupported>(
  ai: Ai,
  capability: Capability,
): ai is Ai & { readonly [Name in Namespace<Capability>]-?: NonNullable<Ai[Name]> } {
  return ai[NAMESPACES[capability]] !== undefined
}
