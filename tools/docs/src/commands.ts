import { parse } from 'shell-quote'

/** Splits shell text into commands, each a list of words. Pipes, `&&` and `$(…)` separate commands. Variables are not expanded. */
export function commandsIn(text: string): string[][] {
  return logicalLines(text).flatMap((line) => {
    const commands: string[][] = [[]]
    for (const token of parse(line, (name) => `$${name}`)) {
      if (typeof token === 'string') commands.at(-1)?.push(token)
      else if ('pattern' in token) commands.at(-1)?.push(token.pattern)
      else if ('op' in token) commands.push([])
    }
    return commands.map(withoutAssignments).filter((words) => words.length > 0)
  })
}

function withoutAssignments(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^\w+=/.test(word))
  return first < 0 ? [] : words.slice(first)
}

/** Splits text into lines as the shell does: quotes and backslashes continue a line, and comments are dropped. */
function logicalLines(text: string): string[] {
  const pattern = /\\\n|(?<=^|\s)#[^\n]*|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]|[\s\S]/g
  let lines = ['']
  for (const [piece] of text.matchAll(pattern)) {
    if (piece === '\n') lines = [...lines, '']
    else lines.push((lines.pop() ?? '') + (piece === '\\\n' ? ' ' : piece.startsWith('#') ? '' : piece))
  }
  return lines.filter((line) => line.trim() !== '')
}
