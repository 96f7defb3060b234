import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AiProviderMetadata } from '@activepieces/pieces-common'
import type { ConformanceOptions } from './check.ts'
import { CHECKS } from './checks/index.ts'
import { findWire, modelsOf } from './context.ts'
import type { LiveRecord } from './live.ts'
import { emulatorPlace, scriptedPlace } from './places.ts'
import { REPLAYED } from './recorded/replayed.ts'
import { type CheckResult, runCheck } from './run.ts'

/** A column of the table, and the checks that have to pass for its mark. */
const COLUMNS: readonly { readonly title: string; readonly checks: readonly string[] }[] = [
  { title: 'text', checks: ['X01 text'] },
  { title: 'stream', checks: ['X04 deltas are handed on as they come'] },
  { title: 'tools', checks: ['T02 parallel calls, in order', 'T08 results go back: text, list, image, error'] },
  { title: 'structured output', checks: ['J01 flat', 'J02 nested'] },
  { title: 'sees images by URL', checks: ['M01 image by URL'] },
  { title: 'sees images', checks: ['M02 image by base64, and as a file of the framework'] },
  { title: 'reads PDF', checks: ['M04 PDF by base64'] },
  { title: 'reasoning', checks: ['X08 reasoning apart from text'] },
  { title: 'sealed reasoning', checks: ['X09 a reasoning signature survives the round trip'] },
  { title: 'makes images', checks: ['M06 image out'] },
  { title: 'embeddings', checks: ['M09 embeddings: order, dimension'] },
  { title: 'moderation', checks: ['M10 moderation categories'] },
  { title: 'speech', checks: ['M07 speech'] },
  { title: 'transcription', checks: ['M08 transcription'] },
  { title: 'web search', checks: ['W01 a model that searches the web is asked to, in the words of its vendor'] },
]

/** What a provider was seen to do, and how that is known. */
export type Row = { readonly label: string; readonly marks: readonly boolean[]; readonly known: string }

/** Tries what the table tells, with the provider's first model. Where a check fails, there is no mark. */
export async function capabilityRow(
  entry: AiProviderMetadata,
  options: ConformanceOptions,
  liveRecords: string,
): Promise<Row> {
  const [model = ''] = modelsOf(entry, options)
  const found = await findWire(entry, options, model)
  const subject = { entry, options, model, found }
  const outcomes = new Map<string, CheckResult['outcome']>()
  for (const check of CHECKS.filter(({ name }) => COLUMNS.some(({ checks }) => checks.includes(name)))) {
    outcomes.set(check.name, (await runCheck(check, subject, scriptedPlace)).outcome)
  }
  const emulated = CHECKS.find(({ name, everywhere }) => everywhere && name === 'X01 text')
  const onEmulator = emulated && (await runCheck(emulated, subject, emulatorPlace)).outcome === 'passed'
  const recorded = REPLAYED.some(({ vendor, provider }) => provider === entry.value && isOwn(vendor, provider))
  const live = await liveDate(join(liveRecords, `${entry.value}.json`))
  return {
    label: entry.label,
    marks: COLUMNS.map(({ checks }) => checks.every((name) => outcomes.get(name) === 'passed')),
    known: [
      ...(recorded ? ['recorded'] : []),
      ...(onEmulator ? ['emulator'] : []),
      ...(live ? [`live ${live}`] : []),
    ].join(', '),
  }
}

/** A recording of the vendor's own, not of another that speaks like it; the recorders know Bedrock without its maker. */
function isOwn(vendor: string, provider: string): boolean {
  return vendor.startsWith(provider) || provider === `amazon-${vendor}`
}

/** The day of the last run against the vendor itself, where one is on record. */
async function liveDate(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  // SAFETY: runLive writes this form.
  return text === undefined ? undefined : (JSON.parse(text) as LiveRecord).date.slice(0, 10)
}

/** The table in Markdown. */
export function capabilityTable(rows: readonly Row[]): string {
  const head = ['', ...COLUMNS.map(({ title }) => title), 'how it is known']
  const lines = rows.map(({ label, marks, known }) => [label, ...marks.map((mark) => (mark ? '✓' : '–')), known])
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const BEGIN = '<!-- capabilities: npm run conformance -- --table -->'
const END = '<!-- /capabilities -->'

/** The text with the table between its marks. @throws Error when the marks are not there */
export function withTable(text: string, table: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`The text has no "${BEGIN}" … "${END}".`)
  return `${text.slice(0, from + BEGIN.length)}\n\n${table}\n\n${text.slice(to)}`
}
