import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, parseBlocks } from './blocks.ts'
import { findBrokenLinks } from './links.ts'

export type Doc = { readonly file: string; readonly markdown: string }

/** Reads every Markdown file of the repository. */
export function readFiles(root: string): Doc[] {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
  return files.map((file) => ({ file, markdown: readFileSync(join(root, file), 'utf8') }))
}

/** Reads the shell blocks of every Markdown file, and finds wrong tags and broken links. */
export function readDocs(root: string): { blocks: Block[]; problems: string[] } {
  const files = readFiles(root)
  const read = files.map(({ file, markdown }) => parseBlocks(file, markdown))
  const broken = files.flatMap(({ file, markdown }) => findBrokenLinks(root, file, markdown))
  return {
    blocks: read.flatMap(({ blocks }) => blocks),
    problems: [...read.flatMap(({ problems }) => problems), ...broken],
  }
}
