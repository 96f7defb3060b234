import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/db/database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** What fresh databases are copied from: a copy is there at once, a new one takes seconds. */
    template: { dataFolder: string } | { postgres: string; name: string }
  }
}

export async function setup(project: TestProject) {
  const dataDir = await mkdtemp(join(tmpdir(), 'ai-server-template-'))
  const { close } = await openDatabase({ dataDir })
  await close()
  project.provide('template', { dataFolder: dataDir })
  return () => rm(dataDir, { recursive: true, force: true })
}
