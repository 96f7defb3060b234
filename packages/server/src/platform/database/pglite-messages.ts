/** A query for the PGlite worker and its reply, paired by `id`. A `copy` reads the blob. */
export type PGliteRequest = {
  id: number
  sql: string
  parameters: readonly unknown[]
  blob?: Uint8Array<ArrayBuffer> | undefined
}
export type PGliteReply =
  | { id: number; rows: unknown[]; affectedRows: number | undefined }
  | { id: number; error: { message: string; code: string | undefined } }

/** The payload of a notification, after its transaction is committed (see changes.ts). */
export type PGliteNotification = { announced: string }

/** Folder of the database, and the channel of its notifications. When the database is open, the worker replies to request 0. */
export type PGliteWorkerData = { dataDir: string; channel: string }
