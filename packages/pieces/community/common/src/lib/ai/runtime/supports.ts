import type { AICapability } from '../contract/model.ts'

/** Where the interface has what a capability stands for: a namespace, and the method that is there when it is. */
const METHODS = {
  text: ['chat', 'text'],
  image: ['image', 'generate'],
  embedding: ['embedding', 'create'],
  moderation: ['moderation', 'create'],
  speech: ['audio', 'speech'],
  transcription: ['audio', 'transcribe'],
} as const satisfies Partial<Record<AICapability, readonly [namespace: string, method: string]>>

/** A capability that `supports` can be asked for. */
export type AISupported = keyof typeof METHODS
type Namespace<Capability extends AISupported> = (typeof METHODS)[Capability][0]
type Method<Capability extends AISupported> = (typeof METHODS)[Capability][1]
type Namespaces = { readonly [Name in Namespace<AISupported>]?: object | undefined }
/** A namespace whose method is there. */
type With<Has, Name extends PropertyKey> = Has & { readonly [Key in Name & keyof Has]-?: NonNullable<Has[Key]> }

/**
 * Whether a provider can do something; its methods are there afterwards for the compiler too.
 *
 * @example if (supports(ai, 'image')) await ai.image.generate({ model: 'gpt-image-2', prompt: 'A piece' })
 */
export function supports<Ai extends Namespaces, Capability extends AISupported>(
  ai: Ai,
  capability: Capability,
): ai is Ai & { readonly [Name in Namespace<Capability>]-?: With<NonNullable<Ai[Name]>, Method<Capability>> } {
  const [namespace, method] = METHODS[capability]
  const methods = ai[namespace]
  return methods !== undefined && typeof Reflect.get(methods, method) === 'function'
}
