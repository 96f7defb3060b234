import type { Code, InlineCode, Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

/** A block of shell commands, or an inline command, in a Markdown file. */
export type Block = {
  readonly file: string
  /** Number of the first line of the commands. */
  readonly line: number
  readonly text: string
  /** `run`: works in a fresh clone without an API key. `check`: needs more than that, so only its parts are checked. */
  readonly tag: 'run' | 'check'
  /** The exit status that the block ends with. */
  readonly exit: number
}

/** Reads the shell blocks and inline commands of a Markdown file, and finds wrong tags. */
export function parseBlocks(file: string, markdown: string): { blocks: Block[]; problems: string[] } {
  const found = codesIn(fromMarkdown(markdown)).map((node) => {
    const line = node.position?.start.line ?? 1
    return node.type === 'code' ? shellBlock(node, file, line) : inlineCommand(node, file, line)
  })
  return {
    blocks: found.filter((block) => typeof block === 'object'),
    problems: found.filter((problem) => typeof problem === 'string'),
  }
}

function inlineCommand({ value }: InlineCode, file: string, line: number): Block | undefined {
  return COMMAND.test(value) ? { file, line, text: value, tag: 'check', exit: 0 } : undefined
}

/** Returns a shell block, or the problem with its tag. Returns undefined for another language. */
function shellBlock({ lang, meta, value }: Code, file: string, line: number): Block | string | undefined {
  if (lang && !SHELLS.has(lang)) return undefined
  const [, tag, exit = '0'] = /^(run|check)(?: exit=(\d+))?$/.exec(meta ?? '') ?? []
  if (lang !== 'sh' || (tag !== 'run' && tag !== 'check')) return `${file}:${line}: ${UNTAGGED}`
  return { file, line: line + 1, text: value, tag, exit: Number(exit) }
}

const SHELLS = new Set(['sh', 'bash', 'shell', 'console', 'zsh'])
const COMMAND = /^([A-Z_]+=\S* )*(npm|npx|curl|node) \S/
const UNTAGGED =
  'a code block without a tag. Tag shell as "sh run" (works in a fresh clone) or "sh check". Name the language of anything else.'

function codesIn(node: Nodes): (Code | InlineCode)[] {
  if (node.type === 'code' || node.type === 'inlineCode') return [node]
  return 'children' in node ? node.children.flatMap(codesIn) : []
}
