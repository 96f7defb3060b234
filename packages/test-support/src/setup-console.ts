import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'
import type {} from './provided-context.ts'

export async function setup(project: TestProject) {
  const outDir = await mkdtemp(join(tmpdir(), 'console-'))
  await build({ root: join(import.meta.dirname, '../../web'), logLevel: 'error', build: { outDir, emptyOutDir: true } })
  project.provide('consoleDir', outDir)
  return () => rm(outDir, { recursive: true, force: true })
}
