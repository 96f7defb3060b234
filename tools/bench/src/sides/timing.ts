/** Number of chunks per stream in the proxy rows, and the milliseconds between them. */
export const CHUNKS_PER_STREAM = 50
export const CHUNK_INTERVAL_MS = 40
