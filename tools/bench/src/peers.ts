import { execFile } from 'node:child_process'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The libraries that ours is compared with. They are installed only here, so `npm ci` does not install them. */
export const PEERS_DIR = join(import.meta.dirname, '../.peers')

/** Portkey's gateway, with its own lock file because it works only with one version of its HTTP server. */
export const PORTKEY_DIR = join(import.meta.dirname, '../portkey')

const PEERS = {
  '@activepieces/pieces-common': '0.4.1',
  '@ai-sdk/anthropic': '4.0.105',
  '@ai-sdk/openai': '4.0.118',
  ai: '7.0.173',
}

/** Installs missing peers. @returns the reason if that failed */
export async function installPeers(): Promise<string | undefined> {
  if (await arePeersInstalled()) return undefined
  await mkdir(PEERS_DIR, { recursive: true })
  await writeFile(join(PEERS_DIR, 'package.json'), '{ "private": true }\n')
  const packages = Object.entries(PEERS).map(([name, version]) => `${name}@${version}`)
  return await npm(PEERS_DIR, ['install', '--save-exact', ...packages])
}

/** Installs the gateway from its lock file if it is missing. @returns the reason if that failed */
export async function installPortkey(): Promise<string | undefined> {
  const isInstalled = access(join(PORTKEY_DIR, 'node_modules/@portkey-ai/gateway')).then(
    () => true,
    () => false,
  )
  return (await isInstalled) ? undefined : await npm(PORTKEY_DIR, ['ci'])
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

async function arePeersInstalled(): Promise<boolean> {
  const checks = Object.entries(PEERS).map(async ([name, version]) => {
    const file = join(PEERS_DIR, 'node_modules', name, 'package.json')
    await access(file)
    return JSON.parse(await readFile(file, 'utf8')).version === version
  })
  return (await Promise.allSettled(checks)).every((peer) => peer.status === 'fulfilled' && peer.value)
}
