import {
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import type { Secret } from './secret.ts'

/** Keys derived from one master key, one per purpose. They are never printed. */
export type KeySet = {
  /** Identifies the master key without revealing it. Used as the `kid` of tokens and ciphertexts. */
  readonly id: string
  /** Signs engine tokens. */
  readonly tokens: KeyObject
  /** Encrypts secrets at rest. */
  readonly secrets: KeyObject
  /** Computes fingerprints of vendors' keys. */
  readonly fingerprints: KeyObject
}

/** The keyring. The current keys sign and encrypt; the `kid` selects the keys that verify and decrypt. */
export type Keys = {
  readonly current: KeySet
  readonly find: (kid: string | undefined) => KeySet | undefined
}

/** @param masters the current one first @throws Error if there is none */
export function createKeyring(masters: readonly Secret<Buffer>[]): Keys {
  const sets = masters.map((master) => keySet(master.reveal()))
  const [current] = sets
  if (!current) throw new Error('There is no encryption key.')
  const byId = new Map(sets.map((set) => [set.id, set]))
  return { current, find: (kid) => (kid === undefined ? undefined : byId.get(kid)) }
}

function keySet(master: Buffer): KeySet {
  return {
    id: derive(master, 'key-id').export().toString('hex', 0, 8),
    tokens: derive(master, 'engine-tokens'),
    secrets: derive(master, 'secrets-at-rest'),
    fingerprints: derive(master, 'fingerprints'),
  }
}

function derive(master: Buffer, label: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', master, '', `ai-provider-server/${label}/v1`, 32)))
}

/** Fingerprint that identifies a secret: 12 hex digits that can't be computed without the master key. */
export function fingerprint(keys: Keys, value: string): string {
  return createHmac('sha256', keys.current.fingerprints).update(value).digest('hex').slice(0, 12)
}

/** Generates a random key. Its prefix tells people what it is for. */
export function randomKey(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`
}

export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

/** Compares in constant time. */
export function matchesHash(key: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashKey(key)), Buffer.from(hash))
}
