import type { Piece } from '@activepieces/contract'
import { type ActionInfo, flagOf } from './ask-values.ts'

/** Short usage of the command. */
export const USAGE = `Usage: npm run ask -- [--provider openai] [--model <id>] [--system <text>] [--creativity 0-100] [--max-tokens <n>] <prompt>
       npm run ask -- <piece> <action> [--property value]… [text]

  --file <path>   a file for the action, as often as there are files; a URL too
  --json          print the output as JSON, or { "error": … }
  --explain       print the exact requests and what was changed in them, and send nothing to the vendor
  --help          every action; after <piece> <action>, the properties of that one

A value may be @path: what is in that file. A list is CSV ("a,\\"b, c\\""), JSON, or the option several times.`

/** How the command is used, and all that it can run. */
export function helpText(pieces: readonly Piece[]): string {
  const actions = pieces.flatMap(({ name, actions: all }) => all.map((action) => actionHelp(name, action)))
  return [USAGE, ...actions].join('\n\n')
}

/** One action and its properties. */
export function actionHelp(piece: string, { name, description, props }: ActionInfo): string {
  const options = Object.entries(props).map(([field, property]) => {
    const { type, displayName, description: words, required } = property
    const title = `${String(displayName)}${required === true ? ' (required)' : ''}`
    return `  --${flagOf(field)} <${kindOf(type)}>`.padEnd(34) + [title, words].filter(Boolean).join(': ')
  })
  return [`${piece} ${name}: ${description}`, ...options].join('\n')
}

function kindOf(type: unknown): string {
  return KINDS[String(type)] ?? 'text'
}

const KINDS: Record<string, string> = {
  NUMBER: 'number',
  CHECKBOX: 'switch',
  ARRAY: 'list',
  FILE: 'file',
  JSON: 'JSON',
  OBJECT: 'JSON',
  DYNAMIC: 'JSON',
  DROPDOWN: 'choice',
  STATIC_DROPDOWN: 'choice',
}
