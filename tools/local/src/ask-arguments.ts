import { parseArgs } from 'node:util'
import { argumentError } from '@activepieces/cli'
import type { Piece } from '@activepieces/contract'
import { type ActionInfo, flagOf, optionOf, readValue, takesFiles } from './ask-values.ts'

/** What is to be run, and how its result is to be shown. */
export type Command = {
  piece: string
  action: ActionInfo
  input: Record<string, unknown>
  json: boolean
  explain: boolean
  help: boolean
}

/**
 * Reads the command line: `<piece> <action> [--property value]… [text]`, or without piece and action, for Ask AI.
 *
 * @throws Error that names what is wrong
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
  const named = pieces.find(({ name }) => name === args[0])
  const action = named?.actions.find(({ name }) => name === args[1])
  if (named && action) return { piece: named.name, action, rest: args.slice(2) }
  if (named && !args.slice(1).includes('--help')) {
    const wrong = args[1] === undefined ? 'needs an action' : `has no action "${args[1]}"`
    throw new Error(`${named.displayName} ${wrong}. It has: ${named.actions.map(({ name }) => name).join(', ')}.`)
  }
  if (!named && pieces.some(({ actions }) => actions.some(({ name }) => name === args[1]))) {
    throw new Error(`There is no piece "${args[0]}". Pieces: ${pieces.map(({ name }) => name).join(', ')}.`)
  }
  const usual = pieces.find(({ name }) => name === 'text-ai')
  const ask = usual?.actions.find(({ name }) => name === 'ask_ai')
  if (!usual || !ask) throw new Error('The server has no Ask AI: name a piece and an action.')
  return { piece: usual.name, action: ask, rest: args }
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
    // SAFETY: the options are texts, lists of texts and switches alone.
    return parseArgs({ args: [...args], options, allowPositionals: true }) as { values: Values; positionals: string[] }
  } catch (error) {
    throw argumentError(error, Object.keys(options))
  }
}

/** `--file` is short for the property that takes files, whatever its name is. */
async function addFiles(input: Record<string, unknown>, { name, props }: ActionInfo, given: Values[string]) {
  if (!Array.isArray(given)) return
  const [field, property] = Object.entries(props).find(([, candidate]) => takesFiles(candidate)) ?? []
  if (!field || !property) throw new Error(`${name} takes no files.`)
  const several = property['type'] === 'ARRAY'
  if (!several && given.length > 1) throw new Error(`${name} takes one file.`)
  const value = await readValue('file', property, several ? given : (given[0] ?? ''))
  input[field] = several ? [...[input[field] ?? []].flat(), ...[value].flat()] : value
}

/** What stands there without an option is the action's main text. */
function addText(input: Record<string, unknown>, { name, props }: ActionInfo, text: string) {
  if (text === '') return
  const texts = Object.entries(props).filter(([, { type }]) => type === 'LONG_TEXT')
  const [field] = texts.find(([, { required }]) => required === true) ?? texts[0] ?? []
  if (!field) throw new Error(`${name} has no text: give its properties by --name value.`)
  input[field] ??= text
}
