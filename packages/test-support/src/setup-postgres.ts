import { openDatabase } from '@activepieces/server/database'
import type { TestProject } from 'vitest/node'
import { run, startPostgres, withDatabase } from './postgres.ts'
import type {} from './provided-context.ts'

const NAME = 'server_template'

/** One PostgreSQL for the whole run, with a database in it that all others are copies of. */
export async function setup(project: TestProject) {
  const postgres = await startPostgres()
  await run(postgres.url, `create database ${NAME}`)
  const { close } = await openDatabase({ dataDir: '', databaseUrl: withDatabase(postgres.url, NAME) })
  await close()
  project.provide('template', { postgres: postgres.url, name: NAME })
  return () => postgres.stop()
}
