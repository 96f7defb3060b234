import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { isOutdated } from './outdated.ts'

const REFERENCE = join(import.meta.dirname, '../../reference')
const LIBRARY = join(import.meta.dirname, '../../../packages/pieces/community/common/src')

/**
 * Finds the library's reference for `/docs/library`. The first request builds it if it is missing, or older than the
 * library. A build takes seconds of CPU, so it has its own process.
 */
export function createLibraryDocs(): () => Promise<string> {
  let building: Promise<string> | undefined
  return () => {
    building ??= ensureLibraryDocs().finally(() => {
      building = undefined
    })
    return building
  }
}

/** @throws Error if the build fails */
async function ensureLibraryDocs(): Promise<string> {
  const folder = join(REFERENCE, 'dist')
  if (!(await isOutdated(join(folder, 'index.html'), LIBRARY))) return folder
  const build = spawn(process.execPath, [join(REFERENCE, 'src/main.ts')], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(build, 'exit')
  if (code !== 0) throw new Error('The reference of the library could not be built: see above.')
  return folder
}
