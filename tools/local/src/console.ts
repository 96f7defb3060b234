import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

const WEB = join(import.meta.dirname, '../../../packages/web')

/** Builds the admin console if it is missing or older than its sources. */
export async function ensureConsole(): Promise<void> {
  const built = await changedAt(join(WEB, 'dist/index.html'))
  const sources = await readdir(join(WEB, 'src'), { recursive: true })
  const changeTimes = await Promise.all([
    ...sources.map((file) => changedAt(join(WEB, 'src', file))),
    ...['index.html', 'package.json', 'vite.config.ts'].map((file) => changedAt(join(WEB, file))),
  ])
  if (built >= Math.max(...changeTimes)) return
  console.log('Building the admin console …')
  const { build } = await import('vite')
  await build({ root: WEB, logLevel: 'warn' })
}

/** Modification time in milliseconds since 1970, or 0 if the file does not exist. */
async function changedAt(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
}
