import {
  brotliDecompressSync,
  constants,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
  zstdDecompressSync,
} from 'node:zlib'

/** Maximum decompressed bytes of one encoding. A larger body is a bomb, or larger than any completion. */
const MAX_UNPACKED = 8 * 1024 * 1024

/** Maximum number of chained encodings. */
const MAX_ENCODINGS = 3

// With truncated input, each returns what it could decompress.
const zlib: ZlibOptions = { maxOutputLength: MAX_UNPACKED, finishFlush: constants.Z_SYNC_FLUSH }
const brotli = { maxOutputLength: MAX_UNPACKED, finishFlush: constants.BROTLI_OPERATION_FLUSH }
const zstd = {
  maxOutputLength: MAX_UNPACKED,
  finishFlush: constants.ZSTD_e_flush,
  params: { [constants.ZSTD_d_windowLogMax]: 23 },
}

type Unpack = (body: Uint8Array) => Buffer

/** By the names of `content-encoding`. */
const UNPACK: Readonly<Record<string, Unpack>> = {
  gzip: (body) => gunzipSync(body, zlib),
  'x-gzip': (body) => gunzipSync(body, zlib),
  // Some servers send it without the zlib wrapper. The low four bits of a wrapper are 8.
  deflate: (body) => ((body[0] ?? 0) % 16 === 8 ? inflateSync(body, zlib) : inflateRawSync(body, zlib)),
  br: (body) => brotliDecompressSync(body, brotli),
  zstd: (body) => zstdDecompressSync(body, zstd),
}

/** The encodings of a `content-encoding` header, in the order in which they were applied. */
export function encodingsOf(header: string): string[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase())
  return names.filter((name) => name !== '' && name !== 'identity')
}

/**
 * Decompresses a body. Can take as long as `MAX_UNPACKED` bytes need, so don't call it on the thread that serves calls.
 *
 * @returns undefined if the encoding is unknown, the body is broken, or it is larger than the limit
 */
export function unpack(encodings: readonly string[], body: Uint8Array): Uint8Array | undefined {
  if (encodings.length > MAX_ENCODINGS) return undefined
  try {
    return encodings.reduceRight<Uint8Array | undefined>((packed, name) => packed && UNPACK[name]?.(packed), body)
  } catch {
    return undefined
  }
}
