/** What the server asks of the PGlite worker, and what it answers; `id` pairs the two. A `copy` reads the blob. */
export type PGliteRequest = {
  id: number
  sql: string
  parameters: readonly unknown[]
  blob?: Uint8Array<ArrayBuffer> | undefined
}
export type PGliteReply =
  | { id: number; rows: unknown[]; affectedRows: number | undefined }
  | { id: number; error: { message: string; code: string | undefined } }

/** What a committed transaction has announced (see notifyChange.ts). */
export type PGliteNotification = { announced: string }

/** Where the database is, and the channel on which it announces; the worker tells that it is open with a reply to request 0. */
export type PGliteWorkerData = { dataDir: string; channel: string }
