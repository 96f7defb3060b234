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
/** What npm and a build have made. */
const LEFT_OUT = new Set(['node_modules', 'dist'])

/**
 * The workspace in a folder of its own, linked to the dependencies that are installed here.
 *
 * @param folder an empty folder, by its real path
 * @param tests whether the packages' tests come along
 */
export async function copyWorkspace(folder: string, { tests = false } = {}): Promise<void> {
  for (const file of SETTINGS) await cp(join(ROOT, file), join(folder, file))
  for (const part of ['packages', 'tools']) {
    await cp(join(ROOT, part), join(folder, part), {
      recursive: true,
      filter: (path) => !LEFT_OUT.has(basename(path)) && (tests || basename(path) !== 'test'),
    })
  }
  await linkAll(join(ROOT, 'node_modules'), join(folder, 'node_modules'), folder)
}

/** Links each dependency; the workspace's own packages to their copies. */
async function linkAll(from: string, to: string, folder: string): Promise<void> {
  await mkdir(to, { recursive: true })
  for (const name of await readdir(from)) {
    if (name.startsWith('@')) {
      await linkAll(join(from, name), join(to, name), folder)
      continue
    }
    if (!existsSync(join(from, name))) continue // a workspace of another branch, whose link npm has left
    const target = await realpath(join(from, name))
    const ours = relative(ROOT, target)
    const copied = ours.startsWith(`packages${sep}`) || ours.startsWith(`tools${sep}`)
    await symlink(copied ? join(folder, ours) : target, join(to, name))
  }
}
