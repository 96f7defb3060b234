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

/** Error response. */
export function refusal(
  { status, body, headers: kind }: Omit<ErrorFixture, 'message'>,
  headers: Headers = {},
): Responder {
  return json(body, status, { ...kind, ...headers })
}

/** Stream sent in one chunk. Like the streams below, framed as the request's protocol requires. */
export function sse(body: string): Responder {
  return (response, request) => void response.writeHead(200, headersOf(request)).end(framed(body, request))
}

/** Stream sent in chunks that arrive one by one. */
export function sseInChunks(chunks: readonly (string | Uint8Array)[], pause = 0): Responder {
  return async (response, request) => {
    openStream(response, request)
    for (const [index, chunk] of chunks.entries()) {
      if (index > 0) await (pause > 0 ? sleep(pause) : new Promise((resolve) => setImmediate(resolve)))
      if (response.destroyed) return
      response.write(framed(chunk, request))
    }
    response.end()
  }
}

/** Stream whose second chunk waits until `released`, at most two seconds. */
export function sseHeldBack(first: string, released: Promise<void>, second: string): Responder {
  return async (response, request) => {
    openStream(response, request)
    response.write(framed(first, request))
    await Promise.race([released, sleep(2_000)])
    response.end(framed(second, request))
  }
}

/** Stream that stays open and sends nothing more. */
export function sseThenSilence(body: string): Responder {
  return (response, request) => {
    openStream(response, request)
    if (body !== '') response.write(framed(body, request))
  }
}

/** Stream whose connection is reset. */
export function sseThenCut(body: string): Responder {
  return async (response, request) => {
    openStream(response, request)
    if (body !== '') response.write(framed(body, request))
    await sleep(5)
    response.socket?.resetAndDestroy()
  }
}

/** Resets the connection before any response. */
export const reset: Responder = (response) => void response.socket?.resetAndDestroy()

/** Never responds. */
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

/** Frames text as the protocol requires. Bytes are sent unchanged. */
function framed(chunk: string | Uint8Array, request: ReceivedRequest): string | Uint8Array {
  return typeof chunk === 'string' ? (knownProtocol(request)?.frames?.encode(chunk) ?? chunk) : chunk
}
