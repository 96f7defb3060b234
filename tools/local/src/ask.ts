// `npm run ask -- --provider anthropic --model claude-sonnet-5-5 "What is a piece?"`: Ask AI in one line, the whole way.
import { parseArgs } from 'node:util'
import type { Catalogue, ConnectionList, PieceRun } from '@activepieces/contract'
import { loadConfig } from '@activepieces/server'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { startLocalServer } from './local-server.ts'
import { findSession, type Session } from './session.ts'

const USAGE = `Usage: npm run ask -- [--provider openai] [--model <id>] [--system <text>] [--creativity 0-100] [--max-tokens <n>] <prompt>`

/** Runs Ask AI on the server that runs here, or on one of its own for the time of the call. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      provider: { type: 'string', default: 'openai' },
      model: { type: 'string' },
      system: { type: 'string' },
      creativity: { type: 'string' },
      'max-tokens': { type: 'string' },
    },
  })
  const prompt = positionals.join(' ').trim()
  if (prompt === '') throw new Error(USAGE)
  const { session, close } = await reachServer()
  try {
    const { provider } = values
    const model = values.model ?? (await firstModel(session, provider))
    await sayWhereItGoes(session, provider, model)
    const input = {
      provider,
      model,
      prompt,
      ...(values.system !== undefined && { systemPrompt: values.system }),
      ...(values.creativity !== undefined && { creativity: Number(values.creativity) }),
      ...(values['max-tokens'] !== undefined && { maxTokens: Number(values['max-tokens']) }),
    }
    report(await run(session, input))
  } finally {
    await close()
  }
}

async function reachServer(): Promise<{ session: Session; close: () => Promise<void> }> {
  const config = loadConfig({ AP_LOG_LEVEL: 'warn', ...process.env })
  const session = await findSession(config.dataDir)
  if (session) return { session, close: async () => {} }
  const local = await startLocalServer({ ...config, port: 0 }, process.env)
  if (local.server.adminKeyIsNew) console.error(`Admin key, shown this once: ${local.server.adminKey}`)
  return { session: local, close: local.close }
}

async function get<T>({ url, token }: Session, path: string): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
  if (!response.ok) throw new Error(`GET ${path} failed with status ${response.status}.`)
  // SAFETY: the server answers by the contract that the type comes from.
  return (await response.json()) as T
}

async function firstModel(session: Session, provider: string): Promise<string> {
  const { data } = await get<Catalogue>(session, '/ai-providers/catalogue')
  const entry = data.find((known) => known.value === provider.split('@', 1)[0])
  if (!entry)
    throw new Error(`There is no provider "${provider}"; known are: ${data.map((known) => known.value).join(', ')}.`)
  const model = entry.models.find((known) => known.supported.includes('text'))
  if (!model) throw new Error(`${entry.label} has no text model in the list: name one with --model.`)
  return model.value
}

async function sayWhereItGoes(session: Session, provider: string, model: string): Promise<void> {
  const { data } = await get<ConnectionList>(session, '/ai-providers')
  const slug = provider.split('@')[1] ?? provider
  const connection = data.find((known) => known.slug === slug)
  const place = connection?.emulated ? ' – local emulator' : ''
  console.error(`${connection?.label ?? provider}, ${model}${place}`)
}

/** Runs the action and prints the answer as it grows. */
async function run({ url, token }: Session, input: object): Promise<PieceRun> {
  const response = await fetch(`${url}/api/v1/pieces/text-ai/actions/ask_ai/run`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ input }),
  })
  if (!response.ok || !response.body) throw new Error(await response.text())
  let printed = ''
  const print = (text: string) => {
    process.stdout.write(text.startsWith(printed) ? text.slice(printed.length) : text)
    printed = text
  }
  for await (const event of response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())) {
    const data = JSON.parse(event.data)
    if (event.event === 'update') print(data.text)
    if (event.event === 'result') {
      if (data.status === 'succeeded') print(data.output.text)
      if (printed !== '') process.stdout.write('\n')
      return data
    }
  }
  throw new Error('The server ended the run without a result.')
}

function report({ status, output, error, durationMs }: PieceRun): void {
  if (status === 'failed') {
    console.error(error?.message)
    process.exitCode = 1
    return
  }
  // SAFETY: the output of Ask AI, by its schema.
  const { model, finishReason, usage, warnings } = output as {
    model: string
    finishReason: string
    usage: Record<string, number>
    warnings: string[]
  }
  for (const warning of warnings) console.error(`Note: ${warning}`)
  const tokens = ['promptTokens', 'completionTokens', 'totalTokens'].map((field) => usage[field] ?? '?')
  console.error(
    `${model} · prompt tokens ${tokens[0]} · completion tokens ${tokens[1]} · total ${tokens[2]} · finish reason ${finishReason} · ${durationMs} ms`,
  )
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
