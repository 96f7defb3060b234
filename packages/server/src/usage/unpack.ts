import { promisify } from 'node:util'
import { brotliDecompress, constants, gunzip, inflate } from 'node:zlib'
import type { Seen } from './window.ts'

/** The largest compressed body that is read, in bytes, and what it may come to. */
export const COMPRESSED = 1024 * 1024
const UNPACKED = 32 * 1024 * 1024

const zlibLimits = { maxOutputLength: UNPACKED, finishFlush: constants.Z_SYNC_FLUSH }

/** By the words of `content-encoding`. What was cut short gives what it has. */
const UNPACK: Record<string, (body: Buffer) => Promise<Buffer>> = {
  gzip: (body) => promisify(gunzip)(body, zlibLimits),
  'x-gzip': (body) => promisify(gunzip)(body, zlibLimits),
  deflate: (body) => promisify(inflate)(body, zlibLimits),
  br: (body) =>
    promisify(brotliDecompress)(body, {
      maxOutputLength: UNPACKED,
      finishFlush: constants.BROTLI_OPERATION_FLUSH,
    }),
}

/** What was compressed, in clear; nothing where it was not kept whole or cannot be read. Beside the loop of events. */
export async function unpack(encoding: string, { head, tail, isWhole }: Seen): Promise<Seen> {
  const run = isWhole ? UNPACK[encoding] : undefined
  const clear = await run?.(Buffer.concat([head, tail])).catch(() => undefined)
  return { head: clear ?? Buffer.alloc(0), tail: Buffer.alloc(0), isWhole: true }
}
