import { execFileSync } from 'node:child_process'
import { type Block, readBlocks } from './blocks.ts'

/** Reads the shell blocks of all Markdown files in the repository, and the problems with their tags. */
export function readDocs(root: string): { blocks: Block[]; problems: string[] } {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  const read = files.map((file) => readBlocks(root, file))
  return { blocks: read.flatMap(({ blocks }) => blocks), problems: read.flatMap(({ problems }) => problems) }
}
