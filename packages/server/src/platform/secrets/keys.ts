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

/** The keys that are derived from one master key, one label a purpose. They do not print. */
export type KeySet = {
  /** Names the master key without telling it: the `kid` of what is made with it. */
  readonly id: string
  /** Signs engine tokens. */
  readonly tokens: KeyObject
  /** Encrypts secrets at rest. */
  readonly secrets: KeyObject
  /** Makes fingerprints of vendors' keys. */
  readonly fingerprints: KeyObject
}

/** The createKeyring: what is new is made with the current keys, what is older opens with those that its `kid` names. */
export type Keys = {
  readonly current: KeySet
  readonly find: (kid: string | undefined) => KeySet | undefined
}

/** @param masters the current one first @throws Error when there is none */
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

/** A short name of a secret, to tell secrets apart: 12 hex digits that cannot be worked out without the master key. */
export function fingerprint(keys: Keys, value: string): string {
  return createHmac('sha256', keys.current.fingerprints).update(value).digest('hex').slice(0, 12)
}

/** A new random key that people can tell apart by its prefix. */
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
