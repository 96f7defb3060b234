// `npm run ask`: runs Ask AI, or any action of any piece, from the command line.
import { join } from 'node:path'
import { runProgram, UsageError } from '@activepieces/cli'
import type { Catalogue, ConnectionList, PieceList, PieceOptions } from '@activepieces/contract'
import { type Config, loadConfig } from '@activepieces/server/config'
import { get, post, runAction } from './api.ts'
import { type Command, readCommand } from './ask-arguments.ts'
import { actionHelp, helpText, USAGE } from './ask-help.ts'
import { createPrinter, notesOf, printFacts, printRequests } from './ask-report.ts'
import { findSession, type Session } from './session.ts'

/** Runs an action on the running local server, or on a temporary one. */
async function main(args: readonly string[]): Promise<void> {
  if (args.length === 0) throw new UsageError(`${USAGE}\n\nEvery action: npm run ask -- --help`)
  const config = loadConfig({ AP_LOG_LEVEL: 'warn', ...process.env })
  const { session, close } = await reachServer(config)
  try {
    const { data: pieces } = await get<PieceList>(session, '/pieces')
    const command = await readCommand(args, pieces).catch((error: unknown) => {
      throw new UsageError(messageOf(error), { cause: error })
    })
    const named = pieces.some(({ name }) => name === args[0])
    if (command.help)
      console.log(named && args.length > 2 ? actionHelp(command.piece, command.action) : helpText(pieces))
    else await run(session, await withModel(session, command), config)
  } finally {
    await close()
  }
}

async function reachServer(config: Config): Promise<{ session: Session; close: () => Promise<void> }> {
  const session = await findSession(config.dataDir)
  if (session) return { session, close: async () => {} }
  console.error(`No server runs on ${config.dataDir}: starting one for this command.`)
  const { startLocalServer } = await import('./local-server.ts') // loading the server takes a second
  const local = await startLocalServer({ ...config, port: 0 }, process.env)
  return { session: local, close: local.close }
}

async function run(session: Session, command: Command, { dataDir }: Config): Promise<void> {
  const { piece, json, explain, input } = command
  const job = { piece, action: command.action.name, input }
  if (explain) return await explainRun(job, json, join(dataDir, 'explain'))
  if (!json) await printTarget(session, input)
  const printer = createPrinter()
  const result = await runAction(session, job, json ? () => {} : printer.update)
  if (result.status === 'failed') {
    if (printer.isOpen()) process.stdout.write('\n')
    process.exitCode = 1
    if (json) console.log(JSON.stringify({ error: result.error }, null, 2))
    else console.error(errorLine(result.error))
  } else if (json) console.log(JSON.stringify(result.output, null, 2))
  else {
    printer.result(result.output)
    printFacts(result)
  }
}

/** Appends the remedy to the message. The messages of AI actions already end with it. */
function errorLine(error: { message: string; remedy?: string | undefined } | undefined): string {
  const { message = 'The action failed.', remedy } = error ?? {}
  return remedy === undefined || message.endsWith(remedy) ? message : `${message} ${remedy}`
}

/** Prints the requests that the action sends, and the warnings of its output about what it changed or dropped. */
async function explainRun(
  job: { piece: string; action: string; input: object },
  json: boolean,
  folder: string,
): Promise<void> {
  const { startExplainer } = await import('./explain.ts')
  const explainer = await startExplainer(String(Reflect.get(job.input, 'provider') ?? 'openai'), folder)
  try {
    const { output, error } = await runAction(explainer.session, job, () => {})
    const { requests } = explainer
    if (requests.length === 0) throw new Error(errorLine(error))
    const notes = notesOf(output)
    if (json) console.log(JSON.stringify({ requests, notes: error ? null : notes }, null, 2))
    else printRequests(requests, error ? [UNFINISHED] : notes)
  } finally {
    await explainer.close()
  }
}

/** An error here is about the emulator's response, not about the provider. */
const UNFINISHED =
  "The local emulator has no response that this action understands, so the action's warnings about the request are missing."

// ---- provider and model

/** AI actions default to OpenAI and the first model that supports the action. */
async function withModel(session: Session, command: Command): Promise<Command> {
  const { piece, action, input } = command
  if (!('provider' in action.props) || !('model' in action.props)) return command
  const provider = String(input['provider'] ?? 'openai')
  const model = input['model'] ?? (await firstModel(session, piece, action.name, provider))
  return { ...command, input: { ...input, provider, model } }
}

async function firstModel(session: Session, piece: string, action: string, provider: string): Promise<unknown> {
  const { data } = await get<Catalogue>(session, '/ai-providers/catalogue')
  if (!data.some((entry) => entry.value === provider.split('@', 1)[0]))
    throw new UsageError(
      `There is no provider "${provider}". Providers: ${data.map((entry) => entry.value).join(', ')}.`,
    )
  const body = { property: 'model', input: { provider } }
  const { options, placeholder } = await post<PieceOptions>(session, `/pieces/${piece}/actions/${action}/options`, body)
  const [first] = Array.isArray(options) ? options : []
  if (first === undefined) throw new Error(`${placeholder} If you know one, set it with --model.`)
  return Object(first).value
}

async function printTarget(session: Session, { provider, model }: Record<string, unknown>): Promise<void> {
  if (typeof provider !== 'string') return
  const { data } = await get<ConnectionList>(session, '/ai-providers')
  const slug = provider.split('@')[1] ?? provider
  const connection = data.find((candidate) => candidate.slug === slug)
  const note = connection?.emulated ? ' – local emulator' : ''
  console.error(`${connection?.label ?? provider}, ${model}${note}`)
}

const args = process.argv.slice(2)
await runProgram(async () => {
  try {
    await main(args)
  } catch (error) {
    if (!args.includes('--json')) throw error
    console.log(JSON.stringify({ error: { message: messageOf(error) } }, null, 2))
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
})

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
