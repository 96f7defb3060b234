import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * The file's text as `npm run format` would leave it: laid out, its imports sorted.
 *
 * @param root the workspace
 * @throws Error with Biome's words when the text is not clean
 */
export function formatted(root: string, file: string, text: string): string {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const args = [biome, 'check', '--write', '--vcs-enabled=false', `--stdin-file-path=${file}`]
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: root,
    input: text,
    encoding: 'utf8',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`Biome finds fault with ${file}:\n${stderr}`)
  return stdout
}
