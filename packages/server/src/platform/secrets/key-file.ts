import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from './secret.ts'

/**
 * Reads the master keys from `<dataDir>/encryption.key`: one per line as 64 hex digits, the current one first. Returns none if
 * the file does not exist.
 *
 * @throws Error if the file is invalid or can't be read
 */
export async function readKeyFile(dataDir: string): Promise<Secret<Buffer>[]> {
  const path = keyFile(dataDir)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  if (text === undefined) return []
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (lines.length === 0 || !lines.every((line) => /^[0-9a-f]{64}$/i.test(line))) {
    throw new Error(`${path} is invalid: expected keys of 32 bytes, one per line as 64 hex digits.`)
  }
  return lines.map((line) => new Secret(Buffer.from(line, 'hex')))
}

/** Creates the file with a new key, unless another process does so first. Returns the keys in the file. */
export async function createKeyFile(dataDir: string): Promise<Secret<Buffer>[]> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const path = keyFile(dataDir)
  const draft = await writeDraft(path, [newMasterKey()])
  await link(draft, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(draft)
  return readKeyFile(dataDir)
}

/** Replaces the file atomically: a crash leaves the old or the new file. */
export async function writeKeyFile(dataDir: string, keys: readonly Secret<Buffer>[]): Promise<void> {
  const path = keyFile(dataDir)
  const draft = await writeDraft(path, keys)
  await rename(draft, path)
}

export function newMasterKey(): Secret<Buffer> {
  return new Secret(randomBytes(32))
}

export function keyFile(dataDir: string): string {
  return join(dataDir, 'encryption.key')
}

async function writeDraft(path: string, keys: readonly Secret<Buffer>[]): Promise<string> {
  const draft = `${path}.${process.pid}`
  const lines = keys.map((key) => `${key.reveal().toString('hex')}\n`)
  await writeFile(draft, lines.join(''), { mode: 0o600, flush: true })
  return draft
}
