import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const WEB = join(import.meta.dirname, '../../../packages/web')

/** Builds the admin console where it is missing, or older than what it is made from. */
export async function ensureConsole(): Promise<void> {
  const built = await changedAt(join(WEB, 'dist/index.html'))
  const sources = await readdir(join(WEB, 'src'), { recursive: true })
  const changes = await Promise.all([
    ...sources.map((file) => changedAt(join(WEB, 'src', file))),
    ...['index.html', 'package.json', 'vite.config.ts'].map((file) => changedAt(join(WEB, file))),
  ])
  if (built >= Math.max(...changes)) return
  console.log('Building the admin console …')
  const { build } = await import('vite')
  await build({ root: WEB, logLevel: 'warn' })
}

/** Milliseconds since 1970; 0 for what is not there. */
async function changedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
}
