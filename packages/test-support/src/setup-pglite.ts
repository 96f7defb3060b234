import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@activepieces/server/database'
import type { TestProject } from 'vitest/node'
import type {} from './provided-context.ts'

declare global {
  /** Shared by the whole run: each project loads this module again, and a new database takes six seconds. */
  var pgliteTemplate: Promise<string> | undefined
}

export async function setup(project: TestProject) {
  globalThis.pgliteTemplate ??= createTemplate()
  project.provide('template', { dataFolder: await globalThis.pgliteTemplate })
}

async function createTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'ai-server-template-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const { close } = await openDatabase({ dataDir: folder })
  await close()
  return folder
}
