import { once } from 'node:events'
import { mkdirSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Locks a folder for this process until the returned function is called or the process ends. Uses two locks, which the
 * system releases even after a kill -9: an exclusive SQLite lock on a file in the folder, which works between all processes
 * that share the folder, and a socket named after the folder, which survives the deletion of the file.
 *
 * @throws Error if another process uses the folder, or it is not writable
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const unlockFile = lockFile(folder)
  try {
    const unlockName = await lockName(folder)
    return () => {
      unlockName()
      unlockFile()
    }
  } catch (error) {
    unlockFile()
    throw error
  }
}

/** @see https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5

function lockFile(folder: string): () => void {
  let lock: DatabaseSync | undefined
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    lock = new DatabaseSync(join(folder, 'lock.sqlite'), { timeout: 0 })
    // Fails if the folder is not writable.
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS lock (id)')
    lock.exec('DELETE FROM lock; INSERT INTO lock VALUES (randomblob(65536)); DELETE FROM lock; COMMIT')
  } catch (error) {
    lock?.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) throw inUse(folder)
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`The data folder ${folder} is not writable: ${reason}.`, { cause: error })
  }
  return () => lock.close()
}

/** Opens a socket in the abstract namespace of Linux, or a named pipe on Windows. macOS has neither. */
async function lockName(folder: string): Promise<() => void> {
  const { dev, ino } = statSync(folder, { bigint: true })
  const prefix = { linux: '\0', win32: '\\\\.\\pipe\\' }[String(process.platform)]
  if (prefix === undefined) return () => {}
  const holder = createServer((socket) => socket.destroy())
  holder.listen(`${prefix}ai-provider-server-${dev}-${ino}`).unref()
  await once(holder, 'listening').catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? inUse(folder) : error
  })
  return () => holder.close()
}

function inUse(folder: string): Error {
  return new Error(
    `Another process uses the data folder ${folder}. Stop it, or set AP_DATA_DIR to another folder ` +
      '(for several processes on the same data, use PostgreSQL: DATABASE_URL).',
  )
}
