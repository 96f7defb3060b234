import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/**
 * Formats a file and sorts its imports, like `npm run format`.
 *
 * @param root folder of the workspace
 * @throws Error with Biome's output if the file has problems
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
  if (status !== 0) throw new Error(`Biome reports problems in ${file}:\n${stderr}`)
  return stdout
}
