import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Whether a built file is missing, or older than the files in a folder or one of the other sources. */
export async function isOutdated(built: string, folder: string, others: readonly string[] = []): Promise<boolean> {
  const files = (await readdir(folder, { recursive: true })).map((file) => join(folder, file))
  const changes = await Promise.all([...files, ...others].map(modifiedAt))
  return (await modifiedAt(built)) < Math.max(...changes)
}

/** Milliseconds since 1970; 0 for a missing file. */
async function modifiedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
}
