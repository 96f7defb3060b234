import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AiProviderMetadata } from '@activepieces/pieces-common'
import type { ConformanceOptions } from './check.ts'
import { type CheckResult, runConformance } from './run.ts'
import { liveTarget } from './targets/targets.ts'

/** What a run against the real vendor found, and when. */
export type LiveRecord = {
  readonly provider: string
  /** ISO 8601, UTC. */
  readonly date: string
  readonly results: readonly CheckResult[]
}

/**
 * Runs the checks that any vendor understands against the real one, and writes down how they went.
 *
 * @param env has the key, as `OPENAI_API_KEY`; and `OPENAI_BASE_URL` where the vendor is elsewhere
 * @param folder where the record goes, as `<provider>.json`
 * @returns undefined when there is no key
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
