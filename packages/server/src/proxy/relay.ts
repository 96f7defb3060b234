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
  /** Keeps stored credentials out of the response's headers. */
  readonly responseHeaders: ResponseHeaderCheck
  /** Our own id of the call, for errors of ours. */
  readonly id: string
  /** The largest body, in bytes. */
  readonly bodyLimit: number
  /** Where the body must be there as a whole before the call goes out: its limit, in bytes. */
  readonly readWhole?: number | undefined
  /** For the whole call, in milliseconds. */
  readonly totalTimeout: number
  /** RequestFacts once the body, or the first piece of a large one, is there. May refuse the call by throwing an ApiError. */
  readonly meter?: ((body: RequestBody) => ReturnType<ProxyMeter['start']>) | undefined
  /** Called exactly once, when the call is over. */
  readonly onOver: (outcome: RelayOutcome) => void
}

/**
 * Passes a call on to the vendor and its reply back, bytes as they come, both ways held up by the slower side. A caller
 * that leaves ends the vendor's call at once; a vendor that breaks off is seen as broken off.
 */
export function relay(call: RelayCall): void {
  readBody(call.request, call, (body) => {
    if (body instanceof ApiError) return refuse(call, body)
    if (body === 'left') return call.onOver(LEFT_EARLY)
    if (!call.meter) return send(call, body, undefined)
    const drop = (error: unknown) => {
      if (body.send !== null && 'destroy' in body.send) body.send.destroy()
      refuse(call, error)
    }
    try {
      const started = call.meter(body)
      if (started instanceof Promise) started.then((meter) => send(call, body, meter), drop)
      else send(call, body, started)
    } catch (error) {
      drop(error)
    }
  })
}

function refuse({ response, id, onOver }: RelayCall, error: unknown): void {
  const known = error instanceof ApiError ? error : NOT_PASSED_ON
  sendOwnError(response, known, id)
  onOver({ ...LEFT_EARLY, status: known.status, end: 'failed', code: known.code, message: known.message })
}

const NOT_PASSED_ON = new ApiError('vendor-unreachable', 'The call could not be sent to the vendor.')

const LEFT_EARLY: RelayOutcome = {
  status: undefined,
  end: 'left',
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
    meter?.over(LEFT_EARLY)
    onOver(LEFT_EARLY)
    return
  }
  // SAFETY: the route lets in known methods only, and Node has set the method of every request.
  const method = request.method as Dispatcher.HttpMethod
  const handler = responseHandler(call, body, meter)
  const length = request.headers['content-length']
  // A buffered body has its length from undici; a streamed one keeps the caller's.
  if (body.send !== null && !Buffer.isBuffer(body.send) && length !== undefined) {
    call.headers.push('content-length', length)
  }
  pool.dispatch({ path, method, headers: call.headers, body: body.send }, handler)
}

/** Interim (1xx) responses that a call may get before its own: each restarts the first-byte timeout. */
const MAX_INTERIM_RESPONSES = 32

/** Passes the vendor's response on to the caller. Whatever the vendor sends, none of its methods throws. */
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
  /** Of the response body, where its head says it. */
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
  // With Node's own reason phrase: the vendor's may hold bytes that no header line can carry.
  const begin = () => {
    if (head && !response.headersSent) response.writeHead(head.status, head.headers)
  }
  /** Sends an error of ours instead of the response, or ends a response that has begun. */
  const fail = (error: ApiError) => {
    if (over) return
    const begun = response.headersSent
    if (begun) cut(response)
    else sendOwnError(response, error, call.id)
    finish(begun ? 'cut' : 'failed', error)
    upstream?.abort(error)
  }
  const limit = setTimeout(() => fail(vendorFailure(new TotalTimeout())), call.totalTimeout)

  response.on('close', () => {
    if (over) return
    // It may have the whole response before the vendor's connection is seen to be done.
    finish(response.writableFinished ? 'whole' : 'left')
    upstream?.abort(new Error('The caller left.'))
  })

  const handler = {
    onRequestStart(controller) {
      upstream = controller
      if (over) controller.abort(new Error('The call is over.'))
    },
    onResponseStart(controller, status, parsed) {
      if (over) return
      if (status >= 100 && status < 200 && ++interim <= MAX_INTERIM_RESPONSES) return
      firstByte = performance.now() - started
      const refused = refuseHead(status, parsed)
      if (refused) return fail(refused)
      // SAFETY: over HTTP/1.1 undici gives the raw headers as a flat list of buffers.
      const headers = callerHeaders(controller.rawHeaders as Buffer[], parsed, call.responseHeaders)
      head = { status, headers }
      meter?.head?.(status, headers)
      length = Number(parsed['content-length'] ?? -1)
      // A body of known length leaves with its head: until then an error of ours can take its place. The head of a stream
      // does not wait for its first piece, but what came together leaves together.
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
      // The last piece and the end in one go: that is one write less for each short response.
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
      finish('whole')
    },
    onResponseError(_controller, error) {
      fail(vendorFailure(error))
    },
  } satisfies Dispatcher.DispatchHandler
  return guardHandler(handler, (error) => fail(vendorFailure(error)))
}

/** The error of a head that is not passed on. */
function refuseHead(status: number, headers: Readonly<Record<string, string | string[] | undefined>>) {
  if (status >= 300 && status < 400 && status !== 304) return redirectRefused(status)
  // What the HTTP clients of the callers, `fetch` among them, accept.
  if (status < 200 || status > 599) return invalidHead(`its status is ${status}`)
  const encoding = headers['transfer-encoding']
  // We ask for none (no TE header), and undo only `chunked`: the caller could not read anything else.
  if (encoding !== undefined && !/^(chunked|identity)$/i.test(String(encoding).trim())) {
    return invalidHead('it has a transfer encoding other than "chunked"')
  }
  return undefined
}

/** Closes the caller's connection without the reply's proper end, after the bytes that have come. */
function cut(response: ServerResponse): void {
  if (response.socket) response.socket.destroySoon()
  else response.destroy()
}

function redirectRefused(status: number): ApiError {
  const words = `The vendor answered with a redirect (${status}). It is not followed: the credential would go with it. An admin checks the base URL of the connection.`
  return new ApiError('redirect-refused', words)
}
