// `npm run conformance` runs the suite without a test runner, with --live against the vendors' own APIs.
// With --table it writes the capability table of the README.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readArguments, runProgram, UsageError } from '@activepieces/cli'
import { type AiProviderMetadata, AiProviders } from '@activepieces/pieces-common'
import { capabilityRow, capabilityTable, withTable } from './capabilities.ts'
import type { ConformanceOptions } from './check.ts'
import { runLive } from './live.ts'
import { OPTIONS } from './options.ts'
import { type CheckResult, runConformance, whereToFix } from './run.ts'
import { variableOf } from './targets/targets.ts'

const USAGE = `Usage: npm run conformance -- [provider …] [options]

Runs the conformance suite for the named providers, or for all of them.

  --model <id>   check this model instead of the provider's default models
  --live         call the provider's API with the key in <PROVIDER>_API_KEY and write live/<provider>.json
  --table        update the capability table in the README
  --help         show this help`

const RECORDS = join(import.meta.dirname, '../live')
const README = join(import.meta.dirname, '../../../README.md')

async function main(): Promise<void> {
  const { values, positionals } = readArguments(USAGE, {
    allowPositionals: true,
    options: {
      live: { type: 'boolean', default: false },
      table: { type: 'boolean', default: false },
      model: { type: 'string' },
    },
  })
  if (values.table) {
    if (positionals.length > 0 || values.live || values.model !== undefined)
      throw new UsageError('--table covers all providers: remove the other arguments.')
    return await writeTable()
  }
  const entries = chosen(positionals)
  if (values.model !== undefined && positionals.length !== 1)
    throw new UsageError('--model needs one provider, e.g. npm run conformance -- groq --model <id>.')
  if (values.live) needKeys(entries, positionals.length > 0)
  for (const entry of entries) {
    const options = { ...OPTIONS[entry.value], ...(values.model !== undefined && { models: [values.model] }) }
    const results = values.live ? await live(entry, options) : await runConformance(entry, options)
    if (results) print(entry, options, results)
  }
}

/** A named provider needs its key. Without names, at least one provider needs a key. */
function needKeys(entries: readonly AiProviderMetadata[], named: boolean): void {
  const missing = entries.map((entry) => variableOf(entry, 'API_KEY')).filter((variable) => !process.env[variable])
  if (missing.length === 0 || (!named && missing.length < entries.length)) return
  const which = named ? missing.join(' and ') : `one of <PROVIDER>_API_KEY, e.g. ${missing[0]}`
  throw new UsageError(`--live needs a key: set ${which}.`)
}

/** Updates the capability table in the README. */
async function writeTable(): Promise<void> {
  const rows = []
  for (const entry of AiProviders) rows.push(await capabilityRow(entry, OPTIONS[entry.value] ?? {}, RECORDS))
  await writeFile(README, withTable(await readFile(README, 'utf8'), capabilityTable(rows)))
}

function chosen(values: readonly string[]) {
  const unknown = values.find((value) => !AiProviders.some((entry) => entry.value === value))
  if (unknown === undefined) return AiProviders.filter(({ value }) => values.length === 0 || values.includes(value))
  const known = AiProviders.map(({ value }) => value).join(', ')
  throw new UsageError(`There is no provider "${unknown}". Providers: ${known}.`)
}

async function live(
  entry: AiProviderMetadata,
  options: ConformanceOptions,
): Promise<readonly CheckResult[] | undefined> {
  const record = await runLive(entry, options, { env: process.env, folder: RECORDS })
  if (!record) console.log(`${entry.label}: skipped, ${variableOf(entry, 'API_KEY')} is not set`)
  return record?.results
}

function print(entry: AiProviderMetadata, options: ConformanceOptions, results: readonly CheckResult[]): void {
  const count = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome).length
  const outcomes = ['passed', 'failed', 'known gap'] as const
  const counts = outcomes.filter((outcome) => count(outcome) > 0 || outcome === 'passed' || outcome === 'failed')
  console.log(`${entry.label}: ${counts.map((outcome) => `${count(outcome)} ${outcome}`).join(', ')}`)
  for (const { check, model, outcome, message } of results) {
    if (outcome === 'failed') console.log(`  ✗ ${check} (${model}): ${message?.replaceAll('\n', '\n      ')}`)
    if (outcome === 'known gap') console.log(`  – ${check} (${model}): ${message}`)
  }
  if (count('failed') === 0) return
  console.log(`  ${whereToFix(entry, options)}`)
  process.exitCode = 1
}

await runProgram(main)
