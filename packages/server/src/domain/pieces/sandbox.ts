import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, parse, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Options for starting the process of a piece. */
export type Sandbox = {
  /** Flags of Node's permission model, and limits. */
  readonly execArgv: readonly string[]
  /** Folder in which each process gets a scratch folder of its own. */
  readonly tmpDir: string
  /** User and group of the process; undefined for the server's own. */
  readonly uid: number | undefined
}

export type SandboxOptions = {
  /** Modules that export pieces: package names or file URLs. */
  readonly modules: readonly string[]
  /** Pieces can never read it. */
  readonly dataDir: string
  /** User for pieces. By default an unprivileged one if the server runs as root, else the server's own. */
  readonly uid?: number | undefined
  readonly log: { readonly warn: (message: string) => void }
}

const RUNNER_DIR = dirname(fileURLToPath(import.meta.url))

/** Packages that the runner itself imports. */
const RUNNER_PACKAGES = ['@activepieces/contract', '@activepieces/pieces-common', '@activepieces/pieces-framework']

/** `nobody` on Linux. */
const UNPRIVILEGED_UID = 65_534

const MAX_HEAP_MB = 512

/**
 * The restrictions for the processes of these pieces. Child processes, workers, native addons, WASI, the inspector and
 * links are refused because no flag allows them. Node's permission model does not cover `node:sqlite`, which opens any
 * file, and SIGUSR1, which opens the inspector: both are switched off.
 *
 * @throws Error if a piece could read the data folder, or cannot run as the given user
 */
export function createSandbox({ modules, dataDir, uid, log }: SandboxOptions): Sandbox {
  const data = existsSync(dataDir) ? realpathSync(dataDir) : dataDir
  const readable = readablePaths(modules, data)
  const exposed = readable.find((path) => contains(path, data))
  if (exposed !== undefined) {
    throw new Error(
      `The data folder ${data} is inside ${exposed}, which pieces can read. Set AP_DATA_DIR to another one.`,
    )
  }
  const tmpDir = realpathSync(tmpdir())
  refuseInspectorSignal()
  return {
    tmpDir,
    uid: pieceUser(uid, [process.execPath, tmpDir, ...readable], log),
    execArgv: [
      '--permission',
      ...readable.map((path) => `--allow-fs-read=${path}`),
      // Node 25 and later restrict the network too. A piece needs it.
      ...(process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []),
      '--no-experimental-sqlite',
      '--disable-sigusr1',
      '--no-warnings',
      `--max-old-space-size=${MAX_HEAP_MB}`,
    ],
  }
}

/** Paths of the runner, the pieces, and the packages that they depend on. A linked package is readable by its link and its real path. */
function readablePaths(modules: readonly string[], dataDir: string): string[] {
  const paths = new Set([RUNNER_DIR, join(RUNNER_DIR, '../../../package.json')])
  const addPackage = (name: string, parent: string) => {
    const manifest = findManifest(name, parent)
    if (manifest === undefined || paths.has(dirname(manifest))) return
    paths.add(dirname(manifest)).add(realpathSync(dirname(manifest)))
    addDependencies(realpathSync(manifest))
  }
  const addDependencies = (manifest: string) => {
    for (const name of dependenciesOf(manifest)) addPackage(name, manifest)
  }
  for (const name of RUNNER_PACKAGES) addPackage(name, import.meta.filename)
  for (const module of modules) {
    if (!module.startsWith('file:')) {
      addPackage(module, import.meta.filename)
      continue
    }
    const file = realpathSync(fileURLToPath(module))
    const manifest = findManifest(pathToFileURL(file).href)
    for (const path of siblingsOf(file, manifest !== undefined)) if (!contains(path, dataDir)) paths.add(path)
    if (manifest !== undefined) {
      paths.add(manifest)
      addDependencies(manifest)
    }
  }
  return [...paths]
}

function findManifest(specifier: string, parent?: string): string | undefined {
  try {
    const found = findPackageJSON(specifier, parent)
    // If there is none, Node 24 returns another path.
    return found !== undefined && basename(found) === 'package.json' ? found : undefined
  } catch {
    return undefined // an optional or peer dependency that is not installed
  }
}

function dependenciesOf(manifest: string): string[] {
  const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(readFileSync(manifest, 'utf8'))
  return Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })
}

/** Files next to a piece that it may import: code, and in a package everything. Hidden files such as `.env` are excluded. */
function siblingsOf(file: string, inPackage: boolean): string[] {
  const folder = dirname(file)
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && name !== 'node_modules')
    .filter((name) => inPackage || /\.[cm]?[jt]s$/.test(name))
    .map((name) => join(folder, name))
}

function contains(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/**
 * The user for pieces: the given one, or an unprivileged one if the server runs as root.
 *
 * @returns undefined if pieces have to run as the server's own user
 * @throws Error if the given user cannot be used
 */
function pieceUser(given: number | undefined, needed: readonly string[], log: SandboxOptions['log']) {
  if (process.getuid?.() !== 0) {
    if (given === undefined) return undefined
    throw new Error('AP_PIECE_UID requires that the server runs as root, on Linux or macOS.')
  }
  const uid = given ?? UNPRIVILEGED_UID
  const problem = whyUnusable(uid, needed)
  if (problem === undefined) return uid
  if (given !== undefined) throw new Error(`AP_PIECE_UID is ${uid}, but pieces cannot run as that user: ${problem}.`)
  log.warn(`Pieces run as root, because they cannot run as user ${uid}: ${problem}.`)
  return undefined
}

function whyUnusable(uid: number, needed: readonly string[]): string | undefined {
  const unreadable = [...new Set(needed.flatMap(pathAndParents))].find((path) => !isOpenToAll(path))
  if (unreadable !== undefined) return `${unreadable} is not readable by every user`
  const folder = mkdtempSync(join(tmpdir(), 'ap-piece-'))
  try {
    chownSync(folder, uid, uid)
    const { error, status } = spawnSync(process.execPath, ['--version'], { cwd: folder, uid, gid: uid })
    return status === 0 ? undefined : (error?.message ?? `Node ended with status ${status}`)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function pathAndParents(path: string): string[] {
  return path === parse(path).root ? [path] : [path, ...pathAndParents(dirname(path))]
}

function isOpenToAll(path: string): boolean {
  const stats = statSync(path)
  const needed = stats.isDirectory() ? 0o001 : 0o004
  return (stats.mode & needed) === needed
}

/** Without a listener, SIGUSR1 opens Node's inspector, through which any process of this user can then control the server. */
function refuseInspectorSignal(): void {
  if (process.platform !== 'win32' && process.listenerCount('SIGUSR1') === 0) process.on('SIGUSR1', () => {})
}
