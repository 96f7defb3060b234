import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from './secret.ts'

/**
 * The master keys of `<dataDir>/encryption.key`, one a line as 64 hex digits, the current one first. The file is made
 * with a new key when it is missing.
 *
 * @throws Error when it holds something else
 */
export async function readKeyFile(dataDir: string): Promise<Secret<Buffer>[]> {
  const path = keyFile(dataDir)
  await mkdir(dataDir, { recursive: true })
  const text = await readFile(path, 'utf8').catch(() => makeKeyFile(path))
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'hex'))
  if (keys.length === 0 || keys.some((key) => key.length !== 32)) {
    throw new Error(`${path} does not hold keys of 32 bytes, one a line as 64 hex digits.`)
  }
  return keys.map((key) => new Secret(key))
}

/** Replaces the file whole: a crash leaves the old one or the new one. */
export async function writeKeyFile(dataDir: string, keys: readonly Secret<Buffer>[]): Promise<void> {
  const path = keyFile(dataDir)
  const draft = await writeDraft(path, keys)
  await rename(draft, path)
}

export function newMasterKey(): Secret<Buffer> {
  return new Secret(randomBytes(32))
}

function keyFile(dataDir: string): string {
  return join(dataDir, 'encryption.key')
}

/** Written whole beside its place and then linked into it: a crash never leaves half a key, a second process never wins. */
async function makeKeyFile(path: string): Promise<string> {
  const draft = await writeDraft(path, [newMasterKey()])
  await link(draft, path).catch(() => undefined)
  await rm(draft)
  return readFile(path, 'utf8')
}

async function writeDraft(path: string, keys: readonly Secret<Buffer>[]): Promise<string> {
  const draft = `${path}.${process.pid}`
  const lines = keys.map((key) => `${key.reveal().toString('hex')}\n`)
  await writeFile(draft, lines.join(''), { mode: 0o600, flush: true })
  return draft
}
