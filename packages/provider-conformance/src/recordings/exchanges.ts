import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { createInterface } from 'node:readline'
import { parseWritten } from './hand-written.ts'

/** One request to a vendor's API and its response: recorded, or written by hand in the vendor's documented format. */
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
  /** `written`: by hand, part of the project. `fixture`: by hand too, in another project. */
  provenance: 'written' | 'vcr' | 'har' | 'nock' | 'fixture'
  model: string | null
}

/** The exchanges written by hand, one file each: `<vendor>/<api>/<name>.http`. */
const WRITTEN = join(import.meta.dirname, '../../exchanges')

/** All exchanges that `wanted` selects: the hand-written ones, then the recorded ones if there are any. */
export async function loadExchanges(wanted: (exchange: Exchange) => boolean): Promise<Exchange[]> {
  return [...(await writtenExchanges()), ...(await recordedExchanges(wanted))].filter(wanted)
}

/** The exchanges that are part of the project, written by hand from the vendors' documentation. */
export async function writtenExchanges(): Promise<Exchange[]> {
  const files = (await readdir(WRITTEN, { recursive: true })).filter((name) => name.endsWith('.http')).sort()
  return await Promise.all(
    files.map(async (name) => parseWritten(name.split(sep), await readFile(join(WRITTEN, name), 'utf8'))),
  )
}

/** Reads the JSON Lines files of the folder that `RECORDED_EXCHANGES` names, line by line: they are large. */
async function recordedExchanges(wanted: (exchange: Exchange) => boolean): Promise<Exchange[]> {
  const folder = process.env['RECORDED_EXCHANGES']
  if (!folder) return []
  const found: Exchange[] = []
  for (const file of (await readdir(join(folder, 'exchanges'))).filter((name) => name.endsWith('.jsonl')).sort()) {
    for await (const line of createInterface({ input: createReadStream(join(folder, 'exchanges', file)) })) {
      // SAFETY: the recordings' README says what a line holds.
      const exchange = JSON.parse(line) as Exchange
      if (wanted(exchange)) found.push(exchange)
    }
  }
  return found
}

/**
 * A few hand-made fixtures hold the streams of several requests one after the other, and some are filed under the wrong api:
 * no reply ever looks like that. A count of tokens is no reply either.
 */
export function isOneReply({ api, path, status, responseBody }: Exchange): boolean {
  if (api === 'responses' && status < 400 && !responseBody.includes('"output"')) return false
  if (api === 'generateContent' && status < 400 && !responseBody.includes('"candidates"')) return false
  if (api === 'chat' && path !== '/v2/chat') return false // an older API of the same vendor
  if (responseBody.trimStart().startsWith('{\n  "predictions"') || path.endsWith('/input_tokens')) return false
  const ids = new Set([...responseBody.matchAll(/^data: \{"id":"(chatcmpl-[^"]+)"/gm)].map(([, id]) => id))
  return ids.size <= 1 && BEGINNINGS.every((beginning) => responseBody.split(beginning).length <= 2)
}

/** What stands in a stream once. */
const BEGINNINGS = ['"type":"message_start"', '"type":"response.created"', 'data: [DONE]']
