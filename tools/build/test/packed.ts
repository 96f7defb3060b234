import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { buildPackage } from '../src/build-package.ts'

export const run = promisify(execFile)
const shell = process.platform === 'win32'
const COMMUNITY = join(import.meta.dirname, '../../../packages/pieces/community')

const folders: string[] = []

async function tempFolder(prefix: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), prefix)))
  folders.push(folder)
  return folder
}

/** Removes all folders of packed and installed packages. */
export async function removeAll(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
}

/** A package as published to npm. */
export type Packed = { readonly name: string; readonly folder: string; readonly dependencies: readonly string[] }

/** Builds and packs all published packages. @returns the packages by name */
export async function packAll(): Promise<ReadonlyMap<string, Packed>> {
  const packed = new Map<string, Packed>()
  for (const directory of (await readdir(COMMUNITY)).sort()) {
    const folder = join(COMMUNITY, directory)
    const dist = await buildPackage(folder)
    const { name, dependencies = {} } = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8'))
    packed.set(name, { name, folder: await packInto(dist), dependencies: Object.keys(dependencies) })
  }
  return packed
}

/** Packs a folder and unpacks the result, so it holds only the files that npm publishes. */
async function packInto(dist: string): Promise<string> {
  const out = await tempFolder('packed-')
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', out], { cwd: dist, shell })
  await run('tar', ['-xzf', stdout.trim()], { cwd: out })
  return join(out, 'package')
}

/**
 * Creates a folder with a package and only its declared dependencies: packages of this workspace packed, others linked to
 * the installed ones. Imports of anything else fail.
 */
export async function installPacked(name: string, packed: ReadonlyMap<string, Packed>): Promise<string> {
  const user = await tempFolder('user-')
  await install(name, packed, join(user, 'node_modules'))
  return user
}

async function install(name: string, packed: ReadonlyMap<string, Packed>, modules: string): Promise<void> {
  const target = join(modules, name)
  await mkdir(dirname(target), { recursive: true })
  const workspacePackage = packed.get(name)
  if (!workspacePackage) return await symlink(await installedFolder(name), target)
  await cp(workspacePackage.folder, target, { recursive: true })
  for (const dependency of workspacePackage.dependencies)
    await install(dependency, packed, join(target, 'node_modules'))
}

/** Returns the folder of an installed dependency. */
async function installedFolder(name: string): Promise<string> {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? []
  for (const path of paths) {
    const folder = await realpath(join(path, name)).catch(() => undefined)
    if (folder) return folder
  }
  throw new Error(`${name} is not installed`)
}
