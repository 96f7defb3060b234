import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AiProviders } from '@activepieces/pieces-common'
import { expect, it } from 'vitest'
import { capabilityRow, capabilityTable, withTable } from '../src/capabilities.ts'
import { OPTIONS } from '../src/index.ts'

it("the README's capability table is up to date (npm run conformance -- --table updates it)", async () => {
  const readme = await readFile(join(import.meta.dirname, '../../../README.md'), 'utf8')
  const records = join(import.meta.dirname, '../live')
  const rows = []
  for (const entry of AiProviders) rows.push(await capabilityRow(entry, OPTIONS[entry.value] ?? {}, records))
  expect(readme).toBe(withTable(readme, capabilityTable(rows)))
}, 120_000)
