import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AiProviderMetadata } from '@activepieces/pieces-common'
import type { ConformanceOptions } from './check.ts'
import { CHECKS } from './checks/index.ts'
import { detectProtocol, modelsOf } from './context.ts'
import type { LiveRecord } from './live.ts'
import { type Exchange, writtenExchanges } from './recordings/exchanges.ts'
import { type Expected, isStream } from './recordings/expected.ts'
import { sourcesIn } from './recordings/expected-sources.ts'
import { MEDIA } from './recordings/media.ts'
import { expectationOf, providerOf, replayAll } from './recordings/replay.ts'
import { startReplayServer } from './recordings/replay-server.ts'
import { runChecks } from './run.ts'
import { fakeVendorTarget } from './targets/targets.ts'

type Column = {
  readonly title: string
  /** Checks that must pass for a tick. */
  readonly checks: readonly string[]
  /** Media API whose exchanges show it. */
  readonly api?: string
  /** Whether a chat exchange shows it. Replays send no files or schemas, so they can't show those. */
  readonly shown?: (expected: Expected, exchange: Exchange) => boolean
}

const COLUMNS: readonly Column[] = [
  { title: 'text', checks: ['X01 text'], shown: ({ text }, exchange) => text !== '' && !isStream(exchange) },
  {
    title: 'stream',
    checks: ['X04 deltas are forwarded as they arrive'],
    shown: ({ text }, exchange) => text !== '' && isStream(exchange),
  },
  {
    title: 'tools',
    checks: ['T02 parallel calls, in order', 'T08 results are sent: text, list, image, error'],
    shown: ({ toolCalls }) => toolCalls.length > 0,
  },
  { title: 'structured output', checks: ['J01 flat', 'J02 nested'] },
  { title: 'images by URL', checks: ['M01 image by URL'] },
  { title: 'images', checks: ['M02 image by base64, and as a framework file'] },
  { title: 'PDF', checks: ['M04 PDF by base64'] },
  {
    title: 'reasoning',
    checks: ['X08 reasoning is separate from text'],
    shown: ({ reasoning }) => reasoning !== undefined && reasoning.text !== '',
  },
  {
    title: 'signed reasoning',
    checks: ['X09 a reasoning signature survives the round trip'],
    shown: ({ reasoning }) => reasoning !== undefined && reasoning.signatures.length > 0,
  },
  { title: 'image generation', checks: ['M06 image generation'], api: 'images' },
  { title: 'embeddings', checks: ['M09 embeddings: order, dimension'], api: 'embeddings' },
  { title: 'moderation', checks: ['M10 moderation categories'], api: 'moderations' },
  { title: 'speech', checks: ['M07 speech'], api: 'audio.speech' },
  { title: 'transcription', checks: ['M08 transcription'], api: 'audio.transcription' },
  {
    title: 'web search',
    checks: ["W01 web search is requested in the vendor's own format"],
    shown: (_expected, exchange) => !/^(converse|chat$)/.test(exchange.api) && sourcesIn(exchange).size > 0,
  },
]

/** Basis of a tick: an exchange replayed in this run, a run against the vendor on that date, or only the suite's checks. */
export type Evidence = 'replayed' | `live (${string})` | 'declared'

/** The capabilities of a provider, in the order of the columns; undefined for unsupported ones. */
export type Row = {
  readonly label: string
  readonly value: string
  readonly ticks: readonly (Evidence | undefined)[]
}

/** The row of a provider's first model. A capability whose check fails, or does not apply, has no tick. */
export async function capabilityRow(
  entry: AiProviderMetadata,
  options: ConformanceOptions,
  liveRecords: string,
): Promise<Row> {
  const [model = ''] = modelsOf(entry, options)
  const subject = { entry, options, model, detected: await detectProtocol(entry, options, model) }
  const checks = CHECKS.filter(({ name }) => COLUMNS.some((column) => column.checks.includes(name)))
  const results = await runChecks(checks, subject, fakeVendorTarget)
  const passed = passedIn(results)
  const replayed = await replayedTitles(entry)
  const live = await liveRecord(join(liveRecords, `${entry.value}.json`))
  const passedLive = passedIn(live?.results ?? [])
  const evidence = ({ title, checks: names }: Column): Evidence | undefined => {
    if (!names.every((name) => passed.has(name))) return undefined
    if (live && names.every((name) => passedLive.has(name))) return `live (${live.date.slice(0, 10)})`
    return replayed.has(title) ? 'replayed' : 'declared'
  }
  return { label: entry.label, value: entry.value, ticks: COLUMNS.map(evidence) }
}

function passedIn(results: LiveRecord['results']): Set<string> {
  return new Set(results.filter(({ outcome }) => outcome === 'passed').map(({ check }) => check))
}

/** Replays the provider's hand-written exchanges and returns the columns that they show. */
async function replayedTitles({ value: provider }: AiProviderMetadata): Promise<Set<string>> {
  const exchanges = (await writtenExchanges()).filter(
    (exchange) => exchange.vendor === provider && providerOf(exchange) === provider,
  )
  const vendor = await startReplayServer()
  try {
    const server = { apiUrl: vendor.urlOf('slot'), token: 'engine-token' }
    const target = { provider, server, put: vendor.put.bind(vendor, 'slot') }
    const replays = await replayAll(exchanges, ['whole'], [target])
    const went = replays.filter(({ problem }) => problem === undefined).map(({ exchange }) => exchange)
    return new Set(
      COLUMNS.filter((column) => went.some((exchange) => shows(column, exchange))).map(({ title }) => title),
    )
  } finally {
    await vendor.close()
  }
}

function shows({ api, shown }: Column, exchange: Exchange): boolean {
  if (exchange.status >= 400) return false
  if (MEDIA[exchange.api]) return exchange.api === api
  const expected = expectationOf(exchange)
  return !('fails' in expected) && (shown?.(expected, exchange) ?? false)
}

/** Reads the last record of a run against the live vendor, if any. */
async function liveRecord(file: string): Promise<LiveRecord | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  // SAFETY: runLive writes a record of this type.
  return text === undefined ? undefined : (JSON.parse(text) as LiveRecord)
}

/** Formats the table in Markdown. */
export function capabilityTable(rows: readonly Row[]): string {
  const head = ['provider', 'value', ...COLUMNS.map(({ title }) => title)]
  const lines = rows.map(({ label, value, ticks }) => [label, `\`${value}\``, ...ticks.map(cellOf)])
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function cellOf(evidence: Evidence | undefined): string {
  if (evidence === undefined) return '–'
  return evidence === 'declared' ? '(✓)' : '✓'
}

const BEGIN = '<!-- capabilities: npm run conformance -- --table -->'
const END = '<!-- /capabilities -->'

/** Returns the text with the table between its markers. @throws Error if the text has no markers */
export function withTable(text: string, table: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`The text has no "${BEGIN}" … "${END}".`)
  return `${text.slice(0, from + BEGIN.length)}\n\n${table}\n\n${text.slice(to)}`
}
