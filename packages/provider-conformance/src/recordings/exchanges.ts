import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { parseWritten } from './hand-written.ts'

/** A request to a vendor's API and its response, recorded or written by hand in the vendor's documented format. */
export type Exchange = {
  id: string
  vendor: string
  api: string
  method: string
  path: string
  requestBody: unknown
  status: number
  responseHeaders: Record<string, string>
  responseBody: string
  responseBodyEncoding?: 'base64'
  bodyExact: boolean
  bodyForm?: string
  /** `written`: by hand, part of this project. `fixture`: by hand, from another project. The rest are recorded. */
  provenance: 'written' | 'vcr' | 'har' | 'nock' | 'fixture'
  model: string | null
}

/** Folder of the hand-written exchanges, one file each: `<vendor>/<api>/<name>.http`. */
const WRITTEN = join(import.meta.dirname, '../../exchanges')

/** Loads the exchanges that `wanted` selects: hand-written ones first, then recorded ones if available. */
export async function loadExchanges(wanted: (exchange: Exchange) => boolean): Promise<Exchange[]> {
  return [...(await writtenExchanges()), ...(await recordedExchanges(wanted))].filter(wanted)
}

/** Loads the exchanges of this project, written by hand from the vendors' documentation. */
export async function writtenExchanges(): Promise<Exchange[]> {
  const files = (await readdir(WRITTEN, { recursive: true })).filter((name) => name.endsWith('.http')).sort()
  return await Promise.all(
    files.map(async (name) => parseWritten(name.split(sep), await readFile(join(WRITTEN, name), 'utf8'))),
  )
}

/** Reads the JSON Lines files of the folder in `RECORDED_EXCHANGES` line by line, as they are large. */
async function recordedExchanges(wanted: (exchange: Exchange) => boolean): Promise<Exchange[]> {
  const folder = process.env['RECORDED_EXCHANGES']
  if (!folder) return []
  const found: Exchange[] = []
  for (const file of (await readdir(join(folder, 'exchanges'))).filter((name) => name.endsWith('.jsonl')).sort()) {
    for await (const line of createInterface({ input: createReadStream(join(folder, 'exchanges', file)) })) {
      // SAFETY: each line is an exchange, as the README of the recordings documents.
      const exchange = JSON.parse(line) as Exchange
      if (wanted(exchange)) found.push(exchange)
    }
  }
  return found
}

/**
 * Whether an exchange has exactly one response of its API. A few fixtures of other projects concatenate several streams
 * or are filed under the wrong API, and token counts are not replies.
 */
export function isOneReply({ api, path, status, responseBody }: Exchange): boolean {
  if (api === 'responses' && status < 400 && !responseBody.includes('"output"')) return false
  if (api === 'generateContent' && status < 400 && !responseBody.includes('"candidates"')) return false
  if (api === 'chat' && path !== '/v2/chat') return false // an older API of the same vendor
  if (responseBody.trimStart().startsWith('{\n  "predictions"') || path.endsWith('/input_tokens')) return false
  const ids = new Set([...responseBody.matchAll(/^data: \{"id":"(chatcmpl-[^"]+)"/gm)].map(([, id]) => id))
  return ids.size <= 1 && BEGINNINGS.every((beginning) => responseBody.split(beginning).length <= 2)
}

/** Text that occurs at most once in a stream. */
const BEGINNINGS = ['"type":"message_start"', '"type":"response.created"', 'data: [DONE]']
