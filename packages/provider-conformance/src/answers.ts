import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from './hostile-server.ts'

type Headers = Record<string, string>

const SSE = { 'content-type': 'text/event-stream; charset=utf-8' }

export function json(body: unknown, status = 200, headers: Headers = {}): Answer {
  return text(JSON.stringify(body), status, { 'content-type': 'application/json', ...headers })
}

export function text(body: string, status = 200, headers: Headers = {}): Answer {
  return (response) => void response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)
}

/** A stream in one piece. */
export function sse(body: string, headers: Headers = {}): Answer {
  return (response) => void response.writeHead(200, { ...SSE, ...headers }).end(body)
}

/** A stream in pieces that arrive one by one. */
export function sseInPieces(pieces: readonly (string | Uint8Array)[], pause = 0): Answer {
  return async (response) => {
    openStream(response)
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await (pause > 0 ? sleep(pause) : new Promise((resolve) => setImmediate(resolve)))
      if (response.destroyed) return
      response.write(piece)
    }
    response.end()
  }
}

/** A stream that stays open and says nothing more. */
export function sseThenSilence(body: string): Answer {
  return (response) => {
    openStream(response)
    if (body !== '') response.write(body)
  }
}

/** A stream whose connection is cut. */
export function sseThenCut(body: string): Answer {
  return async (response) => {
    openStream(response)
    if (body !== '') response.write(body)
    await sleep(5)
    response.socket?.resetAndDestroy()
  }
}

/** The connection is reset before anything is said. */
export const reset: Answer = (response) => void response.socket?.resetAndDestroy()

/** Nothing is ever said. */
export const silence: Answer = () => undefined

export function after(ms: number, answer: Answer): Answer {
  return async (response, request) => {
    await sleep(ms)
    if (!response.destroyed) await answer(response, request)
  }
}

function openStream(response: ServerResponse) {
  response.socket?.setNoDelay(true)
  response.writeHead(200, SSE)
  response.flushHeaders()
}
