import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'

/**
 * Builds a workspace package for npm: `dist/` with JavaScript, types and its own package.json. In the workspace, packages
 * run as TypeScript, but Node does not strip types below node_modules.
 *
 * @param folder folder of the package
 * @returns the folder to pack or publish
 */
export async function buildPackage(folder: string): Promise<string> {
  const dist = join(folder, 'dist')
  await rm(dist, { recursive: true, force: true })
  await mkdir(dist)
  await Promise.all([writeCode(folder, dist), writeTypes(dist), writeManifest(folder, dist), copyTexts(folder, dist)])
  return dist
}

/** Bundles the code, because each additional file slows down the import as much as 20 KB of code. Dependencies stay imports. */
async function writeCode(folder: string, dist: string): Promise<void> {
  const manifest = await readManifest(folder)
  const dependencies = Object.keys(manifest.dependencies ?? {})
  const bundle = await rolldown({
    input: Object.fromEntries(entriesOf(manifest).map((name) => [name, join(folder, `src/${name}.ts`)])),
    platform: 'node',
    external: dependencies.map((name) => new RegExp(`^${name}(/|$)`)),
    transform: { target: MIN_NODE },
    onLog: (_level, log) => {
      throw new Error(log.message) // for example for an import that package.json does not declare
    },
  })
  await bundle.write({ dir: dist, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name].js' })
  await bundle.close()
}

/** The oldest version that the vendors' SDKs support. It can `require()` ES modules. */
const MIN_NODE = 'node22.12'

async function writeTypes(dist: string): Promise<void> {
  const settings = join(dist, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    emitDeclarationOnly: true,
    declaration: true,
    outDir: '.',
    rootDir: '../src',
  }
  await writeFile(settings, JSON.stringify({ extends: '../tsconfig.json', include: ['../src'], compilerOptions }))
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '-p', settings])
  await rm(settings)
}

async function writeManifest(folder: string, dist: string): Promise<void> {
  const source = await readManifest(folder)
  const { name, version, license, type, dependencies } = source
  const engines = { node: MIN_NODE.replace('node', '>=') }
  const entries = entriesOf(source).map((entry) => [
    entry === 'index' ? '.' : `./${entry}`,
    { types: `./${entry}.d.ts`, default: `./${entry}.js` },
  ])
  const exports = { ...Object.fromEntries(entries), './package.json': './package.json' }
  const manifest = { name, version, license, type, main: './index.js', types: './index.d.ts', exports, engines }
  await writeFile(join(dist, 'package.json'), `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`)
}

type Manifest = {
  name: string
  version: string
  license: string
  type: string
  dependencies?: Record<string, string>
  exports?: Record<string, string> | string
}

/** The names of the files in `src` that the package exports: `index`, and one for each subpath. */
function entriesOf({ exports = {} }: Manifest): string[] {
  const paths = typeof exports === 'string' ? [exports] : Object.values(exports)
  return paths.flatMap((path) => /^\.\/src\/(\w+)\.ts$/.exec(path)?.[1] ?? [])
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
}

async function copyTexts(folder: string, dist: string): Promise<void> {
  await copyFile(join(import.meta.dirname, '../../../LICENSE'), join(dist, 'LICENSE'))
  await copyFile(join(folder, 'README.md'), join(dist, 'README.md')).catch(() => undefined) // not every package has one
}
