import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { knownProtocol } from '../protocols/index.ts'
import type { ErrorFixture } from '../protocols/protocol.ts'
import type { ReceivedRequest, Responder } from './fake-vendor.ts'

type Headers = Readonly<Record<string, string>>

export function json(body: unknown, status = 200, headers: Headers = {}): Responder {
  return text(JSON.stringify(body), status, { 'content-type': 'application/json', ...headers })
}

export function text(body: string, status = 200, headers: Headers = {}): Responder {
  return (response) => void response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body)
}

/** The vendor refuses. */
export function refusal(
  { status, body, headers: kind }: Omit<ErrorFixture, 'message'>,
  headers: Headers = {},
): Responder {
  return json(body, status, { ...kind, ...headers })
}

/** A stream in one piece. Here and below: server-sent events, put into the frames that the request's protocol has. */
export function sse(body: string): Responder {
  return (response, request) => void response.writeHead(200, headersOf(request)).end(framed(body, request))
}

/** A stream in pieces that arrive one by one. */
export function sseInPieces(pieces: readonly (string | Uint8Array)[], pause = 0): Responder {
  return async (response, request) => {
    openStream(response, request)
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await (pause > 0 ? sleep(pause) : new Promise((resolve) => setImmediate(resolve)))
      if (response.destroyed) return
      response.write(framed(piece, request))
    }
    response.end()
  }
}

/** A stream whose second piece is held back until it may go, two seconds at most. */
export function sseHeldBack(first: string, released: Promise<void>, second: string): Responder {
  return async (response, request) => {
    openStream(response, request)
    response.write(framed(first, request))
    await Promise.race([released, sleep(2_000)])
    response.end(framed(second, request))
  }
}

/** A stream that stays open and says nothing more. */
export function sseThenSilence(body: string): Responder {
  return (response, request) => {
    openStream(response, request)
    if (body !== '') response.write(framed(body, request))
  }
}

/** A stream whose connection is cut. */
export function sseThenCut(body: string): Responder {
  return async (response, request) => {
    openStream(response, request)
    if (body !== '') response.write(framed(body, request))
    await sleep(5)
    response.socket?.resetAndDestroy()
  }
}

/** The connection is reset before anything is said. */
export const reset: Responder = (response) => void response.socket?.resetAndDestroy()

/** Nothing is ever said. */
export const silence: Responder = () => undefined

export function after(ms: number, respond: Responder): Responder {
  return async (response, request) => {
    await sleep(ms)
    if (!response.destroyed) await respond(response, request)
  }
}

function openStream(response: ServerResponse, request: ReceivedRequest) {
  response.socket?.setNoDelay(true)
  response.writeHead(200, headersOf(request))
  response.flushHeaders()
}

function headersOf(request: ReceivedRequest): Record<string, string> {
  const { frames, headers } = knownProtocol(request) ?? {}
  return { 'content-type': frames?.contentType ?? 'text/event-stream; charset=utf-8', ...headers }
}

/** What is given as bytes is sent as it is. */
function framed(piece: string | Uint8Array, request: ReceivedRequest): string | Uint8Array {
  return typeof piece === 'string' ? (knownProtocol(request)?.frames?.encode(piece) ?? piece) : piece
}
