import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, realpath, symlink } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'

const ROOT = resolve(import.meta.dirname, '../../..')
const SETTINGS = [
  '.biome.jsonc',
  'nx.json',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
  'vitest.config.ts',
]
/** Folders created by npm or by a build. */
const EXCLUDED = new Set(['node_modules', 'dist'])

/**
 * Copies the workspace to a folder and links the installed dependencies.
 *
 * @param folder real path of an empty folder
 * @param tests whether to copy the packages' tests
 */
export async function copyWorkspace(folder: string, { tests = false } = {}): Promise<void> {
  for (const file of SETTINGS) await cp(join(ROOT, file), join(folder, file))
  for (const part of ['packages', 'tools']) {
    await cp(join(ROOT, part), join(folder, part), {
      recursive: true,
      filter: (path) => !EXCLUDED.has(basename(path)) && (tests || basename(path) !== 'test'),
    })
  }
  await linkAll(join(ROOT, 'node_modules'), join(folder, 'node_modules'), folder)
}

/** Links each dependency. Links the workspace's own packages to their copies. */
async function linkAll(from: string, to: string, folder: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of await readdir(from)) {
    if (name.startsWith('@')) {
      await linkAll(join(from, name), join(to, name), folder)
      continue
    }
    if (!existsSync(join(from, name))) continue // dangling link to a workspace of another branch
    const target = await realpath(join(from, name))
    const path = relative(ROOT, target)
    const isWorkspace = path.startsWith(`packages${sep}`) || path.startsWith(`tools${sep}`)
    await symlink(isWorkspace ? join(folder, path) : target, join(to, name))
  }
}
