import { join } from 'node:path'
import { buildPackage } from '@activepieces/build'

const FOLDER = join(import.meta.dirname, '../../../packages/pieces/community/common')

/** The library as published to npm. Inside this folder, its package name resolves to itself. */
export const LIBRARY_DIR = join(FOLDER, 'dist')

export async function buildLibrary(): Promise<void> {
  await buildPackage(FOLDER)
}
