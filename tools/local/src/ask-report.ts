import type { PieceRun } from '@activepieces/contract'
import type { SeenRequest } from './emulator.ts'

/** Creates a printer that writes the text of an action as it arrives. */
export function createPrinter() {
  let printed = ''
  const print = (text: string) => {
    process.stdout.write(text.startsWith(printed) ? text.slice(printed.length) : text)
    printed = text
  }
  return {
    /** Prints an update of the running action: an object with the text received so far. */
    update: (update: unknown) => {
      const text = Object.values(Object(update)).find((value) => typeof value === 'string')
      if (text !== undefined) print(text)
    },
    /** Prints the rest of a streamed text, a complete text, or any other output as JSON. */
    result: (output: unknown) => {
      const { model: _model, usage: _usage, warnings: _warnings, finishReason: _reason, ...main } = Object(output)
      const values = Object.values(main)
      const text = values.find((value) => typeof value === 'string' && value.startsWith(printed))
      const isText = typeof text === 'string' && (printed !== '' || values.length === 1)
      print(isText ? text : JSON.stringify(main, shorten, 2))
      if (printed !== '') process.stdout.write('\n')
    },
    /** Whether a text was started and not ended with a newline. */
    isOpen: () => printed !== '',
  }
}

/** Prints warnings, model, token usage and duration on standard error. */
export function printFacts({ output, durationMs }: PieceRun): void {
  const { model, usage, finishReason } = Object(output)
  for (const note of notesOf(output)) console.error(`Note: ${note}`)
  const tokens = Object.entries(TOKENS).flatMap(([field, label]) => {
    const count = Object(usage)[field]
    return typeof count === 'number' ? [`${label} ${count}`] : []
  })
  const reason = finishReason === undefined ? [] : [`finish reason ${finishReason}`]
  console.error([...(model === undefined ? [] : [model]), ...tokens, ...reason, `${durationMs} ms`].join(' · '))
}

/** Labels of the usage fields. Absent fields are not printed. */
const TOKENS = { promptTokens: 'prompt tokens', completionTokens: 'completion tokens', totalTokens: 'total' }

/** Returns the warnings of an output: what was changed or dropped in the request, and why. */
export function notesOf(output: unknown): string[] {
  const { warnings } = Object(output)
  return Array.isArray(warnings) ? warnings.map(String) : []
}

/** Prints the requests with long texts shortened, then the notes. */
export function printRequests(requests: readonly SeenRequest[], notes: readonly string[]): void {
  for (const { method, path, body } of requests) {
    console.log(`${method} ${path}`)
    console.log(JSON.stringify(body, shorten, 2))
  }
  for (const note of notes) console.error(`Note: ${note}`)
}

function shorten(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= MAX_TEXT_LENGTH) return value
  return `${value.slice(0, 100)} … (${value.length - 100} more characters; --json prints them)`
}

const MAX_TEXT_LENGTH = 2_000
