import { join } from 'node:path'
import { isOutdated } from './outdated.ts'

const WEB = join(import.meta.dirname, '../../../packages/web')

/** Builds the admin console if it is missing, or older than its sources. */
export async function ensureConsole(): Promise<void> {
  const others = ['index.html', 'package.json', 'vite.config.ts'].map((file) => join(WEB, file))
  if (!(await isOutdated(join(WEB, 'dist/index.html'), join(WEB, 'src'), others))) return
  console.log('Building the admin console …')
  const { build } = await import('vite')
  await build({ root: WEB, logLevel: 'warn' })
}
