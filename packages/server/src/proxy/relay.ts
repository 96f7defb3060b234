import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Dispatcher } from 'undici'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import { ApiError } from '../platform/errors.ts'
import { sendOwnError } from '../platform/http/raw-errors.ts'
import { invalidHead, TotalTimeout, vendorFailure } from './failures.ts'
import { guardHandler } from './guard-handler.ts'
import { callerHeaders, type ResponseHeaderCheck, requestIdOf } from './headers.ts'
import type { CallMeter, ProxyMeter } from './meter.ts'
import { type RequestBody, readBody } from './request-body.ts'

export type RelayCall = {
  readonly pool: Pick<Dispatcher, 'dispatch'>
  readonly path: string
  readonly headers: string[]
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Keeps stored credentials out of the response headers. */
  readonly responseHeaders: ResponseHeaderCheck
  /** Our request id, for our errors. */
  readonly id: string
  /** Maximum size of the body, in bytes. */
  readonly bodyLimit: number
  /** Buffers the whole body, up to this many bytes, before the call is sent. */
  readonly readWhole?: number | undefined
  /** Timeout for the whole call, in milliseconds. */
  readonly totalTimeout: number
  /** Called when the body, or the first chunk of a large one, has arrived. Can refuse the call by throwing an ApiError. */
  readonly onBody: (body: RequestBody) => ReturnType<ProxyMeter['start']>
  /** Called exactly once, when the call has ended. */
  readonly onOver: (outcome: RelayOutcome) => void
}

/**
 * Sends a call to the vendor and streams the response back unchanged, with backpressure in both directions. If the caller
 * disconnects, the vendor's call is aborted immediately. If the vendor disconnects, so does the caller's response.
 */
export function relay(call: RelayCall): void {
  readBody(call.request, call, (body) => {
    if (body instanceof ApiError) return refuse(call, body)
    if (body === 'client-aborted') return call.onOver(ABORTED_EARLY)
    const drop = (error: unknown) => {
      if (body.send !== null && 'destroy' in body.send) body.send.destroy()
      refuse(call, error)
    }
    try {
      const started = call.onBody(body)
      if (started instanceof Promise) started.then((meter) => send(call, body, meter), drop)
      else send(call, body, started)
    } catch (error) {
      drop(error)
    }
  })
}

function refuse({ response, id, onOver }: RelayCall, error: unknown): void {
  const known = error instanceof ApiError ? error : NOT_SENT
  sendOwnError(response, known, id)
  onOver({ ...ABORTED_EARLY, status: known.status, end: 'failed', code: known.code, message: known.message })
}

const NOT_SENT = new ApiError('vendor-unreachable', 'The call could not be sent to the vendor.')

const ABORTED_EARLY: RelayOutcome = {
  status: undefined,
  end: 'client-aborted',
  code: undefined,
  message: undefined,
  firstByte: undefined,
  total: 0,
  bytes: 0,
  requestBytes: 0,
  requestId: undefined,
}

function send(call: RelayCall, body: RequestBody, meter: CallMeter | undefined): void {
  const { pool, path, request, response, onOver } = call
  if (response.destroyed) {
    meter?.over(ABORTED_EARLY)
    onOver(ABORTED_EARLY)
    return
  }
  // SAFETY: the route accepts known methods only, and Node sets the method of every request.
  const method = request.method as Dispatcher.HttpMethod
  const handler = responseHandler(call, body, meter)
  const length = request.headers['content-length']
  // undici sets the length of a buffered body; a streamed one keeps the caller's.
  if (body.send !== null && !Buffer.isBuffer(body.send) && length !== undefined) {
    call.headers.push('content-length', length)
  }
  pool.dispatch({ path, method, headers: call.headers, body: body.send }, handler)
}

/** Maximum number of interim (1xx) responses: each restarts the first-byte timeout. */
const MAX_INTERIM_RESPONSES = 32

/** Forwards the vendor's response to the caller. Its methods never throw, whatever the vendor sends. */
function responseHandler(
  call: RelayCall,
  body: RequestBody,
  meter: CallMeter | undefined,
): ReturnType<typeof guardHandler> {
  const { response } = call
  let upstream: Dispatcher.DispatchController | undefined
  let over = false
  let head: { readonly status: number; readonly headers: string[] } | undefined
  let firstByte: number | undefined
  let interim = 0
  let bytes = 0
  /** Length of the response body, if its head declares it. */
  let length = -1
  const started = performance.now()

  const finish = (end: RelayOutcome['end'], error?: ApiError) => {
    if (over) return
    over = true
    clearTimeout(limit)
    const outcome: RelayOutcome = {
      status: response.headersSent ? response.statusCode : undefined,
      end,
      code: error?.code,
      message: error?.message,
      firstByte,
      total: performance.now() - started,
      bytes,
      requestBytes: body.bytes(),
      requestId: head && requestIdOf(head.headers),
    }
    meter?.over(outcome)
    call.onOver(outcome)
  }
  // Uses Node's reason phrase: the vendor's may contain bytes that HTTP does not allow.
  const begin = () => {
    if (head && !response.headersSent) response.writeHead(head.status, head.headers)
  }
  /** Sends our error instead of the response, or aborts a response that has started. */
  const fail = (error: ApiError) => {
    if (over) return
    const hasStarted = response.headersSent
    if (hasStarted) abort(response)
    else sendOwnError(response, error, call.id)
    finish(hasStarted ? 'upstream-aborted' : 'failed', error)
    upstream?.abort(error)
  }
  const limit = setTimeout(() => fail(vendorFailure(new TotalTimeout())), call.totalTimeout)

  response.on('close', () => {
    if (over) return
    // The caller may have the whole response before the vendor's connection ends.
    finish(response.writableFinished ? 'completed' : 'client-aborted')
    upstream?.abort(new Error('The caller disconnected.'))
  })

  const handler = {
    onRequestStart(controller) {
      upstream = controller
      if (over) controller.abort(new Error('The call has ended.'))
    },
    onResponseStart(controller, status, parsed) {
      if (over) return
      if (status >= 100 && status < 200 && ++interim <= MAX_INTERIM_RESPONSES) return
      firstByte = performance.now() - started
      const refused = refuseHead(status, parsed)
      if (refused) return fail(refused)
      // SAFETY: over HTTP/1.1, undici returns the raw headers as a flat list of buffers.
      const headers = callerHeaders(controller.rawHeaders as Buffer[], parsed, call.responseHeaders)
      head = { status, headers }
      meter?.head?.(status, headers)
      length = Number(parsed['content-length'] ?? -1)
      // A body of known length is sent together with its head: until then, our error can replace it. The head of a stream is
      // sent without waiting for the first chunk, but in one write with a chunk that has already arrived.
      if (length < 0) {
        begin()
        process.nextTick(() => {
          if (bytes === 0 && !over) response.flushHeaders()
        })
      }
    },
    onResponseData(controller, chunk) {
      if (over) return
      begin()
      bytes += chunk.length
      // Sends the last chunk and the end in one write.
      if (bytes === length) response.end(chunk)
      else if (!response.write(chunk)) {
        controller.pause()
        response.once('drain', () => controller.resume())
      }
      meter?.chunk(chunk)
    },
    onResponseEnd() {
      if (over) return
      begin()
      if (!response.writableEnded) response.end()
      finish('completed')
    },
    onResponseError(_controller, error) {
      fail(vendorFailure(error))
    },
  } satisfies Dispatcher.DispatchHandler
  return guardHandler(handler, (error) => fail(vendorFailure(error)))
}

/** The error for a response head that can't be forwarded. */
function refuseHead(status: number, headers: Readonly<Record<string, string | string[] | undefined>>) {
  if (status >= 300 && status < 400 && status !== 304) return redirectRefused(status)
  // HTTP clients such as `fetch` accept no other status.
  if (status < 200 || status > 599) return invalidHead(`its status is ${status}`)
  const encoding = headers['transfer-encoding']
  // We request none (no TE header) and decode only `chunked`: the caller could not read any other.
  if (encoding !== undefined && !/^(chunked|identity)$/i.test(String(encoding).trim())) {
    return invalidHead('it has a transfer encoding other than "chunked"')
  }
  return undefined
}

/** Closes the caller's connection after the received bytes, without a proper end of the response. */
function abort(response: ServerResponse): void {
  if (response.socket) response.socket.destroySoon()
  else response.destroy()
}

function redirectRefused(status: number): ApiError {
  const words = `The vendor answered with a redirect (${status}). It was not followed, because the credential would be sent along. Ask an admin to check the base URL of the connection.`
  return new ApiError('redirect-refused', words)
}
