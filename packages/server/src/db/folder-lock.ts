import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Takes a folder for this process until the returned function is called or the process ends in any way.
 * An exclusive SQLite lock does it: the system gives it back even after a kill -9.
 *
 * @throws Error when another process has the folder
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const lock = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS lock (id); COMMIT')
  } catch {
    lock.close()
    throw new Error(
      `Another process uses the data folder ${folder}. Stop it, or set AP_DATA_DIR to another folder ` +
        '(for several processes on the same data, use PostgreSQL: DATABASE_URL).',
    )
  }
  return () => lock.close()
}
