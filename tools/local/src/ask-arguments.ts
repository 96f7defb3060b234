import { parseArgs } from 'node:util'
import { argumentError } from '@activepieces/cli'
import type { Piece } from '@activepieces/contract'
import { type ActionInfo, flagOf, optionOf, readValue, takesFiles } from './ask-values.ts'

/** The action to run, and how to print its result. */
export type Command = {
  piece: string
  action: ActionInfo
  input: Record<string, unknown>
  json: boolean
  explain: boolean
  help: boolean
}

/**
 * Reads the command line: `<piece> <action> [--property value]… [text]`. Without piece and action, it runs Ask AI.
 *
 * @throws Error naming the argument that is wrong
 */
export async function readCommand(args: readonly string[], pieces: readonly Piece[]): Promise<Command> {
  const { piece, action, rest } = findAction(args, pieces)
  const { values, positionals } = parse(rest, action)
  const input: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(action.props)) {
    const given = values[flagOf(name)]
    if (given !== undefined) input[name] = await readValue(name, property, given)
  }
  if (values['system'] !== undefined) input['systemPrompt'] = values['system']
  await addFiles(input, action, values['file'])
  addText(input, action, positionals.join(' ').trim())
  const { json = false, explain = false, help = false } = values
  return { piece, action, input, json: json === true, explain: explain === true, help: help === true }
}

function findAction(args: readonly string[], pieces: readonly Piece[]) {
  const piece = pieces.find(({ name }) => name === args[0])
  const action = piece?.actions.find(({ name }) => name === args[1])
  if (piece && action) return { piece: piece.name, action, rest: args.slice(2) }
  if (piece && !args.slice(1).includes('--help')) {
    const problem = args[1] === undefined ? 'needs an action' : `has no action "${args[1]}"`
    throw new Error(`${piece.displayName} ${problem}. Actions: ${piece.actions.map(({ name }) => name).join(', ')}.`)
  }
  if (!piece && pieces.some(({ actions }) => actions.some(({ name }) => name === args[1]))) {
    throw new Error(`There is no piece "${args[0]}". Pieces: ${pieces.map(({ name }) => name).join(', ')}.`)
  }
  const textAi = pieces.find(({ name }) => name === 'text-ai')
  const askAi = textAi?.actions.find(({ name }) => name === 'ask_ai')
  if (!textAi || !askAi) throw new Error('The server does not have Ask AI. Name a piece and an action.')
  return { piece: textAi.name, action: askAi, rest: args }
}

type Values = Record<string, string | boolean | string[] | undefined>

function parse(args: readonly string[], action: ActionInfo): { values: Values; positionals: string[] } {
  const properties = Object.entries(action.props).map(([name, property]) => [flagOf(name), optionOf(property)])
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: true }> = {
    json: { type: 'boolean' },
    explain: { type: 'boolean' },
    help: { type: 'boolean' },
    file: { type: 'string', multiple: true },
    ...('systemPrompt' in action.props && { system: { type: 'string' } }),
    ...Object.fromEntries(properties),
  }
  try {
    // SAFETY: every option above is a string, a list of strings or a boolean.
    return parseArgs({ args: [...args], options, allowPositionals: true }) as { values: Values; positionals: string[] }
  } catch (error) {
    throw argumentError(error, Object.keys(options))
  }
}

/** `--file` sets the action's file property, whatever its name. */
async function addFiles(input: Record<string, unknown>, { name, props }: ActionInfo, given: Values[string]) {
  if (!Array.isArray(given)) return
  const [field, property] = Object.entries(props).find(([, candidate]) => takesFiles(candidate)) ?? []
  if (!field || !property) throw new Error(`${name} does not accept files.`)
  const several = property['type'] === 'ARRAY'
  if (!several && given.length > 1) throw new Error(`${name} accepts only one file.`)
  const value = await readValue('file', property, several ? given : (given[0] ?? ''))
  input[field] = several ? [...[input[field] ?? []].flat(), ...[value].flat()] : value
}

/** Positional arguments set the action's main text property. */
function addText(input: Record<string, unknown>, { name, props }: ActionInfo, text: string) {
  if (text === '') return
  const texts = Object.entries(props).filter(([, { type }]) => type === 'LONG_TEXT')
  const [field] = texts.find(([, { required }]) => required === true) ?? texts[0] ?? []
  if (!field) throw new Error(`${name} does not have a text property. Set its properties with --name value.`)
  input[field] ??= text
}
