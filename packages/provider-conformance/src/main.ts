// `npm run conformance`: the suite without a test runner, or with --live against the vendors themselves.
// With --table it writes what each provider can do into the README.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type AiProviderMetadata, AiProviders } from '@activepieces/pieces-common'
import { capabilityRow, capabilityTable, withTable } from './capabilities.ts'
import type { ConformanceOptions } from './check.ts'
import { runLive } from './live.ts'
import { OPTIONS } from './options.ts'
import { type CheckResult, runConformance } from './run.ts'

const USAGE = 'npm run conformance -- [provider …] [--model <id>] [--live] | --table'
const RECORDS = join(import.meta.dirname, '../live')
const README = join(import.meta.dirname, '../../../README.md')

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      live: { type: 'boolean', default: false },
      table: { type: 'boolean', default: false },
      model: { type: 'string' },
    },
  })
  if (values.table) return await writeTable()
  for (const entry of chosen(positionals)) {
    const options = { ...OPTIONS[entry.value], ...(values.model !== undefined && { models: [values.model] }) }
    const results = values.live ? await live(entry, options) : await runConformance(entry, options)
    if (results) print(entry, results)
  }
}

/** Writes what the suite finds into the README. */
async function writeTable(): Promise<void> {
  const rows = []
  for (const entry of AiProviders) rows.push(await capabilityRow(entry, OPTIONS[entry.value] ?? {}, RECORDS))
  await writeFile(README, withTable(await readFile(README, 'utf8'), capabilityTable(rows)))
}

function chosen(values: readonly string[]) {
  const unknown = values.find((value) => !AiProviders.some((entry) => entry.value === value))
  if (unknown === undefined) return AiProviders.filter(({ value }) => values.length === 0 || values.includes(value))
  const known = AiProviders.map(({ value }) => value).join(', ')
  throw new Error(`There is no provider "${unknown}"; known are ${known}. Usage: ${USAGE}`)
}

async function live(
  entry: AiProviderMetadata,
  options: ConformanceOptions,
): Promise<readonly CheckResult[] | undefined> {
  const record = await runLive(entry, options, { env: process.env, folder: RECORDS })
  if (!record) console.log(`${entry.label}: no key in the environment, not tried`)
  return record?.results
}

function print(entry: AiProviderMetadata, results: readonly CheckResult[]): void {
  const count = (outcome: CheckResult['outcome']) => results.filter((result) => result.outcome === outcome).length
  console.log(
    `${entry.label}: ${count('passed')} passed, ${count('failed')} failed, ${count('known gap')} known gaps, ${count('not owed')} not owed`,
  )
  for (const { check, model, outcome, message } of results) {
    if (outcome === 'failed') console.log(`  ✗ ${check} (${model}): ${message}`)
    if (outcome === 'known gap') console.log(`  – ${check} (${model}): ${message}`)
  }
  if (count('failed') > 0) process.exitCode = 1
}

await main()
