import { join } from 'node:path'
import { rolldown } from 'rolldown'

/** Where the built library lies; below this package, so that it finds the SDKs of the workspace. */
export const BUILT_DIR = join(import.meta.dirname, '../.built')

const LIBRARY = join(import.meta.dirname, '../../../packages/pieces/community/common/src/index.ts')

/** Builds the library into one JavaScript file, as npm would carry it: Node strips no types below node_modules. */
export async function buildLibrary(): Promise<void> {
  const bundle = await rolldown({ input: LIBRARY, platform: 'node', external: (id) => !/^[./]|^[A-Z]:/.test(id) })
  await bundle.write({ dir: BUILT_DIR, format: 'esm', entryFileNames: 'index.mjs', chunkFileNames: '[name].mjs' })
  await bundle.close()
}
