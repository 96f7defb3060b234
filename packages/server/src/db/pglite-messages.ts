/** What the server asks of the PGlite worker, and what it answers; `id` pairs the two. */
export type PGliteRequest = { id: number; sql: string; parameters: readonly unknown[] }
export type PGliteReply =
  | { id: number; rows: unknown[]; affectedRows: number | undefined }
  | { id: number; error: { message: string; code: string | undefined } }

/** Where the database is; the worker tells that it is open with a reply to request 0. */
export type PGliteWorkerData = { dataDir: string }
