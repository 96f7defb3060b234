import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { openDatabase } from '../../src/platform/database/database.ts'

export async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'ai-server-template-'))
  const { close } = await openDatabase({ dataDir: folder })
  await close()
  project.provide('template', { dataFolder: folder })
  return () => rm(folder, { recursive: true, force: true })
}
