// Runs one task of a piece in a sandboxed process: see child.ts and sandbox.ts.
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { format } from 'node:util'
import type { LogLine } from '@activepieces/contract'
import type { Piece } from '@activepieces/pieces-framework'
import { actionContext, propertyContext } from './context.ts'
import { describePiece } from './describe.ts'
import { toPieceError } from './errors.ts'
import { checkInput, findAction, findOptions } from './lookup.ts'
import { MESSAGES_FD, type PieceMessage, type PieceTask } from './messages.ts'

// Most pieces import this library. It is loaded before the task arrives.
import '@activepieces/pieces-common'

const input = createInterface({ input: process.stdin })
input.once('line', async (line) => {
  captureConsole()
  const result = await runTask(JSON.parse(line)).then(
    (output): PieceMessage => ({ type: 'done', output }),
    (error: unknown): PieceMessage => ({ type: 'failed', error: toPieceError(error) }),
  )
  try {
    send(result)
  } catch (error) {
    send({ type: 'failed', error: toPieceError(error) })
  }
  process.exit()
})
// The server has ended.
input.once('close', () => process.exit())

async function runTask({ module, job, ...about }: PieceTask): Promise<unknown> {
  const piece = await loadPiece(module)
  switch (job.type) {
    case 'describe':
      return describePiece(piece)
    case 'run': {
      const action = findAction(piece, job.action)
      const input = checkInput(action.props, job.input)
      const update = async (data: unknown) => send({ type: 'update', data })
      return (await action.run(actionContext({ ...about, input, step: job.action, update }))) ?? null
    }
    case 'options': {
      const options = findOptions(findAction(piece, job.action), job.property)
      return options({ ...job.input, auth: undefined }, propertyContext({ ...about, searchValue: job.searchValue }))
    }
  }
}

/** Finds the piece among a module's exports, by its methods: the module may bring its own copy of the framework. */
async function loadPiece(module: string): Promise<Piece> {
  const exports: Record<string, unknown> = await import(module)
  const piece = Object.values(exports).find(isPiece)
  if (!piece) throw new Error(`The module ${module} exports no piece.`)
  return piece
}

function isPiece(value: unknown): value is Piece {
  return (
    typeof value === 'object' && value !== null && 'getAction' in value && 'actions' in value && 'metadata' in value
  )
}

function captureConsole(): void {
  const levels = { log: 'info', info: 'info', debug: 'debug', trace: 'debug', warn: 'warn', error: 'error' } as const
  for (const [method, level] of Object.entries(levels) as [keyof typeof levels, LogLine['level']][]) {
    console[method] = (...words: unknown[]) => {
      send({ type: 'log', data: { level, message: format(...words) } })
    }
  }
}

/** @throws TypeError if the message cannot be written as JSON */
function send(message: PieceMessage): void {
  const line = Buffer.from(`${JSON.stringify(message)}\n`)
  for (let written = 0; written < line.length; ) written += writeSome(line.subarray(written))
}

/** Returns the number of bytes written; 0 while the pipe is full. */
function writeSome(bytes: Buffer): number {
  try {
    return writeSync(MESSAGES_FD, bytes)
  } catch (error) {
    if (Reflect.get(Object(error), 'code') !== 'EAGAIN') throw error
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    return 0
  }
}
