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

/** Removes everything that was packed and installed. */
export async function removeAll(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })))
}

/** A package as npm carries it. */
export type Packed = { readonly name: string; readonly folder: string; readonly dependencies: readonly string[] }

/** Every package that is published, built and packed, by its name. */
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

/** The files that `npm pack` takes, and no other. */
async function packInto(dist: string): Promise<string> {
  const out = await tempFolder('packed-')
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', out], { cwd: dist, shell })
  await run('tar', ['-xzf', stdout.trim()], { cwd: out })
  return join(out, 'package')
}

/**
 * An empty folder in which a package is installed with what it declares alone: its own kind packed, the rest as it is
 * installed here. Whatever else it imports is not found.
 */
export async function installAlone(name: string, packed: ReadonlyMap<string, Packed>): Promise<string> {
  const user = await tempFolder('user-')
  await place(name, packed, join(user, 'node_modules'))
  return user
}

async function place(name: string, packed: ReadonlyMap<string, Packed>, modules: string): Promise<void> {
  const target = join(modules, name)
  await mkdir(dirname(target), { recursive: true })
  const own = packed.get(name)
  if (!own) return await symlink(await installedHere(name), target)
  await cp(own.folder, target, { recursive: true })
  for (const dependency of own.dependencies) await place(dependency, packed, join(target, 'node_modules'))
}

/** The folder of a dependency of this workspace. */
async function installedHere(name: string): Promise<string> {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? []
  for (const path of paths) {
    const folder = await realpath(join(path, name)).catch(() => undefined)
    if (folder) return folder
  }
  throw new Error(`${name} is not installed`)
}
