import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose'
import type { Keys } from './keys.ts'

/** Where a secret is stored. A ciphertext that was moved to another place can't be decrypted. */
export type SecretPlace = {
  readonly purpose: string
  readonly table: string
  readonly row: string
  readonly field: string
}

/** Encrypts a secret for its place: JWE compact, A256GCM, the place bound in the protected header. */
export function seal({ current }: Keys, place: SecretPlace, secret: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(secret))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: current.id, ...place })
    .encrypt(current.secrets)
}

/**
 * Decrypts a secret with the key that encrypted it.
 *
 * @throws Error with the reason but not the secret: missing key, another place, or damaged
 */
export async function open(keys: Keys, place: SecretPlace, sealed: string): Promise<string> {
  const key = keys.find(sealedWith(sealed))
  if (!key) throw new Error('The stored secret was encrypted with an encryption key that this server does not have.')
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, key.secrets, {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
  }).catch(() => {
    throw new Error('The stored secret is damaged.')
  })
  for (const [claim, value] of Object.entries(place)) {
    if (protectedHeader[claim] !== value) throw new Error(`The stored secret belongs to another ${claim}.`)
  }
  return new TextDecoder().decode(plaintext)
}

/** Returns the id of the key that encrypted a secret; undefined if the secret is damaged. */
export function sealedWith(sealed: string): string | undefined {
  try {
    return decodeProtectedHeader(sealed).kid
  } catch {
    return undefined
  }
}
