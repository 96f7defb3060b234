import type { PieceRun } from '@activepieces/contract'
import type { SeenRequest } from './emulator.ts'

/** Prints the text of an action as it grows. */
export function createPrinter() {
  let printed = ''
  const print = (text: string) => {
    process.stdout.write(text.startsWith(printed) ? text.slice(printed.length) : text)
    printed = text
  }
  return {
    /** What an action shows while it runs: an object with its text so far. */
    update: (update: unknown) => {
      const text = Object.values(Object(update)).find((value) => typeof value === 'string')
      if (text !== undefined) print(text)
    },
    /** The rest of a text that grew, a text that came at once, or anything else as JSON. */
    result: (output: unknown) => {
      const { model: _model, usage: _usage, warnings: _warnings, finishReason: _reason, ...main } = Object(output)
      const values = Object.values(main)
      const text = values.find((value) => typeof value === 'string' && value.startsWith(printed))
      const isText = typeof text === 'string' && (printed !== '' || values.length === 1)
      print(isText ? text : JSON.stringify(main, shorten, 2))
      if (printed !== '') process.stdout.write('\n')
    },
    /** Whether the cursor stands behind a text without an end. */
    isOpen: () => printed !== '',
  }
}

/** What an action tells besides its result, for people: on standard error. */
export function printFacts({ output, durationMs }: PieceRun): void {
  const { model, usage, finishReason } = Object(output)
  for (const note of notesOf(output)) console.error(`Note: ${note}`)
  const tokens = Object.entries(TOKENS).flatMap(([field, words]) => {
    const count = Object(usage)[field]
    return typeof count === 'number' ? [`${words} ${count}`] : []
  })
  const reason = finishReason === undefined ? [] : [`finish reason ${finishReason}`]
  console.error([...(model === undefined ? [] : [model]), ...tokens, ...reason, `${durationMs} ms`].join(' · '))
}

/** What an output does not tell is left out. */
const TOKENS = { promptTokens: 'prompt tokens', completionTokens: 'completion tokens', totalTokens: 'total' }

/** What was changed or left out in the request, and why: actions say it in their output. */
export function notesOf(output: unknown): string[] {
  const { warnings } = Object(output)
  return Array.isArray(warnings) ? warnings.map(String) : []
}

/** Prints the requests for people, texts of a file's length shortened, and the notes below them. */
export function printRequests(requests: readonly SeenRequest[], notes: readonly string[]): void {
  for (const { method, path, body } of requests) {
    console.log(`${method} ${path}`)
    console.log(JSON.stringify(body, shorten, 2))
  }
  for (const note of notes) console.error(`Note: ${note}`)
}

function shorten(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= LONGEST_TEXT) return value
  return `${value.slice(0, 100)} … (${value.length - 100} more characters; --json prints them)`
}

const LONGEST_TEXT = 2_000
