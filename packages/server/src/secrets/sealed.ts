import { CompactEncrypt, compactDecrypt } from 'jose'
import type { Keys } from './keys.ts'

/** Where a secret belongs. A ciphertext that was moved to another place does not open. */
export type SecretPlace = {
  readonly purpose: string
  readonly table: string
  readonly row: string
  readonly field: string
}

/** Encrypts a secret for its place: JWE compact, A256GCM, the place bound in the protected header. */
export function seal(keys: Keys, place: SecretPlace, secret: string): Promise<string> {
  return new CompactEncrypt(new TextEncoder().encode(secret))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: keys.id, ...place })
    .encrypt(keys.secrets)
}

/**
 * Opens what `seal` made.
 *
 * @throws Error that says why, without the secret: another key, another place, or damaged
 */
export async function open(keys: Keys, place: SecretPlace, sealed: string): Promise<string> {
  const { plaintext, protectedHeader } = await compactDecrypt(sealed, keys.secrets, {
    keyManagementAlgorithms: ['dir'],
    contentEncryptionAlgorithms: ['A256GCM'],
  }).catch(() => {
    throw new Error('The stored secret is damaged or was encrypted with another AP_ENCRYPTION_KEY.')
  })
  for (const [claim, value] of Object.entries({ kid: keys.id, ...place })) {
    if (protectedHeader[claim] !== value) throw new Error(`The stored secret belongs to another ${claim}.`)
  }
  return new TextDecoder().decode(plaintext)
}
