import type { IncomingMessage, ServerResponse } from 'node:http'
import { OWN_ERROR_HEADER } from '@activepieces/contract'
import type { Dispatcher, Pool } from 'undici'
import { ApiError, toErrorBody } from '../http/errors.ts'
import { vendorFailure } from './failures.ts'
import { callerHeaders } from './headers.ts'
import { requestBody } from './request-body.ts'

/** How a relayed call went, told once, when it is over. */
export type RelayOutcome = {
  /** The status that the caller saw; undefined when it left before. */
  readonly status: number | undefined
  /** `cut`: the vendor's connection broke within the reply. `left`: the caller did not wait for the end. */
  readonly end: 'whole' | 'cut' | 'left' | 'failed'
}

export type RelayCall = {
  readonly pool: Pool
  readonly path: string
  readonly headers: string[]
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly onOver: (outcome: RelayOutcome) => void
}

/**
 * Passes a call on to the vendor and its reply back, bytes as they come, both ways held up by the slower side. A caller
 * that leaves ends the vendor's call at once; a vendor that breaks off is seen as broken off.
 */
export async function relay(call: RelayCall): Promise<void> {
  const { pool, path, headers, request, response } = call
  const body = await requestBody(request)
  if (body === 'left' || response.destroyed) return call.onOver({ status: undefined, end: 'left' })
  // SAFETY: the route lets in known methods only, and Node has set the method of every request.
  const method = request.method as Dispatcher.HttpMethod
  pool.dispatch({ path, method, headers: withLength(headers, body), body }, replyHandler(response, call.onOver))
}

function replyHandler(response: ServerResponse, onOver: RelayCall['onOver']): Dispatcher.DispatchHandler {
  let upstream: Dispatcher.DispatchController | undefined
  let hasBody = false
  let over = false

  const finish = (end: RelayOutcome['end']) => {
    if (over) return
    over = true
    onOver({ status: response.headersSent ? response.statusCode : undefined, end })
  }
  const fail = (error: ApiError) => {
    sendOwnError(response, error)
    finish('failed')
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
      if (status >= 300 && status < 400 && status !== 304) return fail(redirectRefused(status))
      // SAFETY: over HTTP/1.1 undici gives the raw headers as a flat list of buffers.
      const raw = controller.rawHeaders as Buffer[]
      response.writeHead(status, statusMessage, callerHeaders(raw))
      // A first piece of the body that came with the head leaves with it; else the head does not wait for it.
      process.nextTick(() => {
        if (!hasBody && !over) response.flushHeaders()
      })
    },
    onResponseData(controller, chunk) {
      hasBody = true
      if (!response.write(chunk)) controller.pause()
    },
    onResponseEnd() {
      if (over) return
      finish('whole')
      response.end()
    },
    onResponseError(_controller, error) {
      if (over) return
      if (!response.headersSent) return fail(vendorFailure(error))
      finish('cut')
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
