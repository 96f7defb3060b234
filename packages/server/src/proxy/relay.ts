import type { IncomingMessage, ServerResponse } from 'node:http'
import { OWN_ERROR_HEADER } from '@activepieces/contract'
import type { Dispatcher, Pool } from 'undici'
import { ApiError, toErrorBody } from '../http/errors.ts'
import { vendorFailure } from './failures.ts'
import { callerHeaders, requestIdOf } from './headers.ts'
import type { CallMeter, ProxyMeter, RelayOutcome } from './meter.ts'
import { type RequestBody, requestBody } from './request-body.ts'

export type RelayCall = {
  readonly pool: Pool
  readonly path: string
  readonly headers: string[]
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Asked once the body, or the first piece of a large one, is there. May refuse the call by throwing an ApiError. */
  readonly meter?: ((body: RequestBody) => ReturnType<ProxyMeter['start']>) | undefined
  /** Called once, when the call is over. */
  readonly onOver: (outcome: RelayOutcome) => void
}

/**
 * Passes a call on to the vendor and its reply back, bytes as they come, both ways held up by the slower side. A caller
 * that leaves ends the vendor's call at once; a vendor that breaks off is seen as broken off.
 *
 * @throws what the meter throws to refuse the call; nothing has been sent then
 */
export async function relay(call: RelayCall): Promise<void> {
  const { pool, path, headers, request, response, onOver } = call
  const body = await requestBody(request)
  if (body === 'left' || response.destroyed) return onOver(LEFT_EARLY)
  const started = call.meter?.(body)
  const meter = started instanceof Promise ? await started : started
  const over = (outcome: RelayOutcome) => {
    meter?.over(outcome)
    onOver(outcome)
  }
  if (response.destroyed) return over(LEFT_EARLY)
  // SAFETY: the route lets in known methods only, and Node has set the method of every request.
  const method = request.method as Dispatcher.HttpMethod
  const { send } = body
  pool.dispatch({ path, method, headers: withLength(headers, send), body: send }, replyHandler(response, meter, over))
}

const LEFT_EARLY: RelayOutcome = {
  status: undefined,
  end: 'left',
  code: undefined,
  firstByte: undefined,
  total: 0,
  bytes: 0,
  requestId: undefined,
}

function replyHandler(
  response: ServerResponse,
  meter: CallMeter | undefined,
  onOver: RelayCall['onOver'],
): Dispatcher.DispatchHandler {
  let upstream: Dispatcher.DispatchController | undefined
  let over = false
  let replyHeaders: readonly string[] | undefined
  let firstByte: number | undefined
  let bytes = 0
  const started = performance.now()

  const finish = (end: RelayOutcome['end'], code?: string) => {
    if (over) return
    over = true
    const status = response.headersSent ? response.statusCode : undefined
    const total = performance.now() - started
    onOver({ status, end, code, firstByte, total, bytes, requestId: replyHeaders && requestIdOf(replyHeaders) })
  }
  const fail = (error: ApiError) => {
    sendOwnError(response, error)
    finish('failed', error.code)
    upstream?.abort(error)
  }

  response.on('drain', () => upstream?.resume())
  response.on('close', () => {
    if (over) return
    finish('left')
    upstream?.abort(new Error('The caller left.'))
  })

  return {
    onRequestStart(controller) {
      upstream = controller
      if (over) controller.abort(new Error('The caller left.'))
    },
    onResponseStart(controller, status, _headers, statusMessage) {
      if (status < 200) return
      firstByte = performance.now() - started
      if (status >= 300 && status < 400 && status !== 304) return fail(redirectRefused(status))
      // SAFETY: over HTTP/1.1 undici gives the raw headers as a flat list of buffers.
      const headers = callerHeaders(controller.rawHeaders as Buffer[])
      replyHeaders = headers
      response.writeHead(status, statusMessage, headers)
      meter?.head?.(status, headers)
      // A first piece of the body that came with the head leaves with it; else the head does not wait for it.
      process.nextTick(() => {
        if (bytes === 0 && !over) response.flushHeaders()
      })
    },
    onResponseData(controller, chunk) {
      bytes += chunk.length
      if (!response.write(chunk)) controller.pause()
      meter?.chunk(chunk)
    },
    onResponseEnd() {
      if (over) return
      response.end()
      finish('whole')
    },
    onResponseError(_controller, error) {
      if (over) return
      const failure = vendorFailure(error)
      if (!response.headersSent) return fail(failure)
      finish('cut', failure.code)
      cut(response)
    },
  }
}

/** Sends an error of our own in the place of a reply. Does nothing when the reply has begun or the caller is gone. */
export function sendOwnError(response: ServerResponse, error: ApiError): void {
  if (response.headersSent || response.destroyed) return
  const body = JSON.stringify(toErrorBody(error))
  response.writeHead(error.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    [OWN_ERROR_HEADER]: error.code,
  })
  response.end(body)
}

/** Closes the caller's connection without the reply's proper end, after the bytes that have come. */
function cut(response: ServerResponse): void {
  if (response.socket) response.socket.destroySoon()
  else response.destroy()
}

/** A buffered body has its length from undici; a streamed one keeps the caller's. */
function withLength(headers: string[], body: unknown): string[] {
  if (body !== null && !Buffer.isBuffer(body)) return headers
  const at = headers.findIndex((item, index) => index % 2 === 0 && item.toLowerCase() === 'content-length')
  return at < 0 ? headers : headers.toSpliced(at, 2)
}

function redirectRefused(status: number): ApiError {
  const words = `The vendor answered with a redirect (${status}). It is not followed: the credential would go with it. An admin checks the base URL of the connection.`
  return new ApiError(502, 'redirect-refused', words)
}
