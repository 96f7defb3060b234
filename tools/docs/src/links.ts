import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'

/** Finds relative links and images of a file that lead to no file, or to no heading. */
export function findBrokenLinks(root: string, file: string, markdown: string): string[] {
  return nodesIn(fromMarkdown(markdown)).flatMap((node) => {
    if (!('url' in node) || /^[a-z]+:/.test(node.url)) return []
    const problem = linkProblem(join(root, dirname(file)), markdown, node.url)
    return problem === undefined ? [] : [`${file}:${node.position?.start.line}: ${problem}`]
  })
}

function linkProblem(folder: string, markdown: string, url: string): string | undefined {
  const [path = '', anchor] = url.split('#')
  const target = join(folder, path)
  if (!existsSync(target)) return `the link ${url} leads to no file`
  if (anchor === undefined) return undefined
  const headings = headingsOf(path === '' ? markdown : readFileSync(target, 'utf8'))
  return headings.includes(anchor) ? undefined : `the link ${url} leads to no heading`
}

/** Anchors of the headings, as GitHub makes them. */
function headingsOf(markdown: string): string[] {
  return nodesIn(fromMarkdown(markdown))
    .filter((node) => node.type === 'heading')
    .map((node) =>
      textOf(node)
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )
}

function textOf(node: Nodes): string {
  if ('value' in node) return node.value
  return 'children' in node ? node.children.map(textOf).join('') : ''
}

function nodesIn(node: Nodes): Nodes[] {
  return [node, ...('children' in node ? node.children.flatMap(nodesIn) : [])]
}
