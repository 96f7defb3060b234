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
