import { createReadStream, existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

/** One recorded exchange with a vendor's real API: a line of the folder's JSON Lines files. */
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
  provenance: 'vcr' | 'har' | 'nock' | 'fixture'
  tags: string[]
  model: string | null
}

/** Where the recordings are: `RECORDED_EXCHANGES`, or `shared/fixtures` beside the project; undefined where there are none. */
export function recordingsFolder(): string | undefined {
  const given = process.env['RECORDED_EXCHANGES']
  const folder = given ? resolve(given) : resolve(import.meta.dirname, '../../../../../shared/fixtures')
  return existsSync(join(folder, 'exchanges')) ? folder : undefined
}

/** All recorded exchanges that `wanted` picks; an empty list where there are no recordings. */
export async function loadExchanges(wanted: (exchange: Exchange) => boolean): Promise<Exchange[]> {
  const folder = recordingsFolder()
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
