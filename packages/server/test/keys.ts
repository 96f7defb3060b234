import { createKeyring } from '../src/platform/secrets/keys.ts'
import { Secret } from '../src/platform/secrets/secret.ts'

/** The keys of a master key of which every byte is the same. */
export const keysOf = (byte: number) => createKeyring([masterOf(byte)])

export const masterOf = (byte: number) => new Secret(Buffer.alloc(32, byte))
