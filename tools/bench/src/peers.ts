import { execFile } from 'node:child_process'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The libraries that ours is measured against: installed here alone, so that nobody gets them by `npm ci`. */
export const PEERS_DIR = join(import.meta.dirname, '../.peers')

/** Portkey's gateway, with a lock file of its own: the gateway works with one version of its HTTP server alone. */
export const PORTKEY_DIR = join(import.meta.dirname, '../portkey')

const PEERS = {
  '@activepieces/pieces-common': '0.4.1',
  '@ai-sdk/anthropic': '4.0.105',
  '@ai-sdk/openai': '4.0.118',
  ai: '7.0.173',
}

/** Installs what is missing. @returns why it could not, or undefined */
export async function installPeers(): Promise<string | undefined> {
  if (await arePeersThere()) return undefined
  await mkdir(PEERS_DIR, { recursive: true })
  await writeFile(join(PEERS_DIR, 'package.json'), '{ "private": true }\n')
  const packages = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`)
  return await npm(PEERS_DIR, ['install', '--save-exact', ...packages])
}

/** By its lock file, when it is not there. @returns why it could not, or undefined */
export async function installPortkey(): Promise<string | undefined> {
  const isThere = access(join(PORTKEY_DIR, 'node_modules/@portkey-ai/gateway')).then(
    () => true,
    () => false,
  )
  return (await isThere) ? undefined : await npm(PORTKEY_DIR, ['ci'])
}

async function npm(folder: string, [command = '', ...args]: readonly string[]): Promise<string | undefined> {
  const all = [command, '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', ...args]
  try {
    await promisify(execFile)('npm', all, { cwd: folder, timeout: 300_000, shell: process.platform === 'win32' })
    return undefined
  } catch (error) {
    const lines = String(error instanceof Error ? error.message : error).split('\n')
    return lines.find((line) => line.includes('npm error')) ?? lines[0]
  }
}

async function arePeersThere(): Promise<boolean> {
  const right = Object.entries(PEERS).map(async ([name, version]) => {
    const file = join(PEERS_DIR, 'node_modules', name, 'package.json')
    await access(file)
    return JSON.parse(await readFile(file, 'utf8')).version === version
  })
  return (await Promise.allSettled(right)).every((peer) => peer.status === 'fulfilled' && peer.value)
}
