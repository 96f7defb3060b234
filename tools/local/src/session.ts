import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Lets commands on this machine reach the running server: its URL and a short-lived engine token. */
export type Session = { url: string; token: string }

const file = (dataDir: string) => join(dataDir, 'session.json')

export async function saveSession(dataDir: string, session: Session): Promise<void> {
  await writeFile(file(dataDir), JSON.stringify(session), { mode: 0o600 })
}

export async function forgetSession(dataDir: string): Promise<void> {
  await rm(file(dataDir), { force: true })
}

/** Returns the session of the server that uses this data folder, or undefined if none responds. */
export async function findSession(dataDir: string): Promise<Session | undefined> {
  try {
    // SAFETY: only saveSession writes the file.
    const session = JSON.parse(await readFile(file(dataDir), 'utf8')) as Session
    const response = await fetch(`${session.url}/health`, { signal: AbortSignal.timeout(2_000) })
    return response.ok ? session : undefined
  } catch {
    return undefined
  }
}
