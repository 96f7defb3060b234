import type { Piece } from '@activepieces/contract'
import { type ActionInfo, flagOf } from './ask-values.ts'

/** Short usage text. */
export const USAGE = `Usage: npm run ask -- [--provider openai] [--model <id>] [--system <text>] [--creativity 0-100] [--max-tokens <n>] <prompt>
       npm run ask -- <piece> <action> [--property value]… [text]

  --file <path>   send a file or a URL; repeat it for several files
  --json          print the output, or { "error": … }, as JSON
  --explain       print the exact requests and warnings without sending anything to the provider
  --help          list all actions; after <piece> <action>, list the properties of that action

@path as a value reads the value from that file. Write a list as CSV ("a,\\"b, c\\""), as JSON, or repeat the option.`

/** Usage text with all actions. */
export function helpText(pieces: readonly Piece[]): string {
  const actions = pieces.flatMap(({ name, actions: all }) => all.map((action) => actionHelp(name, action)))
  return [USAGE, ...actions].join('\n\n')
}

/** Help text of one action and its properties. */
export function actionHelp(piece: string, { name, description, props }: ActionInfo): string {
  const options = Object.entries(props).map(([field, property]) => {
    const { type, displayName, description: details, required } = property
    const title = `${String(displayName)}${required === true ? ' (required)' : ''}`
    return `  --${flagOf(field)} <${kindOf(type)}>`.padEnd(34) + [title, details].filter(Boolean).join(': ')
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
