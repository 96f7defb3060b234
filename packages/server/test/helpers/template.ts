import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/db/database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A data folder with a fresh database: a copy of it opens in a second, a new one takes four. */
    dataFolderTemplate: string
  }
}

export async function setup(project: TestProject) {
  const dataDir = await mkdtemp(join(tmpdir(), 'ai-server-template-'))
  const { close } = await openDatabase({ dataDir })
  await close()
  project.provide('dataFolderTemplate', dataDir)
  return () => rm(dataDir, { recursive: true, force: true })
}
