import { createHash, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The keys that the server works with, all derived from one master key, one label a purpose. */
export type Keys = {
  /** Signs engine tokens. */
  readonly tokens: Uint8Array
  /** Encrypts secrets at rest. */
  readonly secrets: Uint8Array
  /** Names the master key without telling it: the `kid` of what is encrypted with it. */
  readonly id: string
}

/**
 * Derives the keys from the given master key, or from the one in `<dataDir>/encryption.key`, which is made when missing
 * (readable by its owner alone).
 *
 * @throws Error when the file holds something else
 */
export async function loadKeys(dataDir: string, given: Buffer | undefined): Promise<Keys> {
  const master = given ?? (await masterKeyFile(dataDir))
  return {
    tokens: derive(master, 'engine-tokens'),
    secrets: derive(master, 'secrets-at-rest'),
    id: Buffer.from(derive(master, 'key-id')).toString('hex', 0, 8),
  }
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

function derive(master: Buffer, label: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', master, '', `ai-provider-server/${label}/v1`, 32))
}

async function masterKeyFile(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, 'encryption.key')
  await mkdir(dataDir, { recursive: true })
  const text = await readFile(path, 'utf8').catch(() => makeKeyFile(path))
  const key = Buffer.from(text.trim(), 'hex')
  if (key.length !== 32) throw new Error(`${path} does not hold a key of 32 bytes as 64 hex digits.`)
  return key
}

/** Written whole beside its place and then linked into it: a crash never leaves half a key, a second process never wins. */
async function makeKeyFile(path: string): Promise<string> {
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true })
  await link(draft, path).catch(() => undefined)
  await rm(draft)
  return readFile(path, 'utf8')
}
