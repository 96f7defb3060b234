import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AiProviderMetadata } from '@activepieces/pieces-common'
import type { ConformanceOptions } from './check.ts'
import { type CheckResult, runConformance } from './run.ts'
import { liveTarget } from './targets/targets.ts'

/** Dated results of a run against a live vendor. */
export type LiveRecord = {
  readonly provider: string
  /** ISO 8601, UTC. */
  readonly date: string
  readonly results: readonly CheckResult[]
}

/**
 * Runs the checks that do not need scripted responses against the live vendor, and writes a record of the results.
 *
 * @param env environment variables: the key, e.g. `OPENAI_API_KEY`, and optionally `OPENAI_BASE_URL`
 * @param folder folder of the record, `<provider>.json`
 * @returns the record; undefined without a key
 */
export async function runLive(
  entry: AiProviderMetadata,
  options: ConformanceOptions,
  { env, folder }: { env: NodeJS.ProcessEnv; folder: string },
): Promise<LiveRecord | undefined> {
  const target = liveTarget(entry, env)
  if (!target) return undefined
  const results = await runConformance(entry, options, target)
  const record: LiveRecord = { provider: entry.value, date: new Date().toISOString(), results }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, `${entry.value}.json`), `${JSON.stringify(record, null, 2)}\n`)
  return record
}
