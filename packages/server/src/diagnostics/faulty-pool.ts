import { type Drill, FAULTS, type FaultAct } from '@activepieces/contract'
import type { Dispatcher } from 'undici'
import type { ProxyTimeouts } from '../platform/config.ts'

type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController
type Pool = Pick<Dispatcher, 'dispatch'>

/** Wraps a pool so that its vendor has this fault. Errors and limits work as with a real fault. */
export function createFaultyPool(pool: Pool, { fault, delayMs }: Drill, timeouts: ProxyTimeouts): Pool {
  const { act } = FAULTS[fault]
  switch (act.type) {
    case 'refuse':
      return respondWith((handler) => refuse(handler, act.status))
    case 'close':
      return respondWith((handler) => handler.onResponseError?.(NO_CONTROLLER, failure('ECONNRESET')))
    case 'delay':
      return delayed(pool, delayMs, timeouts.firstByte)
    case 'damage':
      return {
        dispatch: (options, handler) =>
          pool.dispatch(withoutCompression(options), damageResponse(handler, act, timeouts.idle)),
      }
  }
}

function respondWith(respond: (handler: Handler) => void): Pool {
  return {
    dispatch: (_options, handler) => {
      setImmediate(respond, handler)
      return true
    },
  }
}

const REFUSALS = {
  429: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  503: { type: 'api_error', code: 'unavailable' },
} as const

/** The body can be read by the SDKs of OpenAI and Anthropic. */
function refuse(handler: Handler, status: keyof typeof REFUSALS): void {
  const { type, code } = REFUSALS[status]
  const message = `Fault drill: an admin makes the calls of this connection fail with ${status}.`
  const body = Buffer.from(JSON.stringify({ type: 'error', error: { type, code, message, param: null } }))
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), 'retry-after', '1']
  const controller = { ...NO_CONTROLLER, rawHeaders: headers.map((item) => Buffer.from(item)) }
  handler.onRequestStart?.(controller, {})
  handler.onResponseStart?.(controller, status, {}, '')
  handler.onResponseData?.(controller, body)
  handler.onResponseEnd?.(controller, {})
}

/** For responses without a request, which can't be paused or aborted. */
const NO_CONTROLLER: Controller = {
  aborted: false,
  paused: false,
  reason: null,
  rawHeaders: [],
  rawTrailers: [],
  abort: () => {},
  pause: () => {},
  resume: () => {},
}

function delayed(pool: Pool, delay: number, limit: number): Pool {
  return {
    dispatch: (options, handler) => {
      const onTimeout = () => handler.onResponseError?.(NO_CONTROLLER, failure('UND_ERR_HEADERS_TIMEOUT'))
      if (delay > limit) setTimeout(onTimeout, limit)
      else setTimeout(() => pool.dispatch(options, handler), delay)
      return true
    },
  }
}

type Damage = Extract<FaultAct, { type: 'damage' }>

const DAMAGED_CHUNK = {
  half: (chunk: Buffer) => chunk.subarray(0, Math.ceil(chunk.length / 2)),
  spoilt: corrupt,
} as const

/** Keeps the length, so that the head of the response stays correct. */
function corrupt(chunk: Buffer): Buffer {
  const corrupted = Buffer.from(chunk)
  const at = corrupted.lastIndexOf('}')
  if (at >= 0) corrupted[at] = '{'.charCodeAt(0)
  else corrupted.fill(0xff, 0, 8)
  return corrupted
}

/** Forwards everything, but damages the first chunk of the response body. */
function damageResponse(handler: Handler, damage: Damage, idle: number): Handler {
  let isFirst = true
  const disconnect = (controller: Controller, code: string) => {
    controller.abort(failure(code))
    // The vendor's response may have ended already: then there is nothing to abort.
    handler.onResponseError?.(controller, failure(code))
  }
  return {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData(controller, chunk) {
      if (!isFirst && damage.after === 'rest') handler.onResponseData?.(controller, chunk)
      if (!isFirst) return
      isFirst = false
      handler.onResponseData?.(controller, DAMAGED_CHUNK[damage.piece](chunk))
      if (damage.after === 'cut') disconnect(controller, 'ECONNRESET')
      if (damage.after === 'silence') setTimeout(disconnect, idle, controller, 'UND_ERR_BODY_TIMEOUT')
    },
    onResponseEnd(controller, trailers) {
      if (isFirst || damage.after === 'rest') handler.onResponseEnd?.(controller, trailers)
    },
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  }
}

/** Disables compression: a damaged chunk of a compressed response would be a different fault. */
function withoutCompression(options: Dispatcher.DispatchOptions): Dispatcher.DispatchOptions {
  if (!Array.isArray(options.headers)) return options
  const all: string[] = options.headers
  const headers = all.filter((_, at) => all[at - (at % 2)]?.toLowerCase() !== 'accept-encoding')
  return { ...options, headers }
}

function failure(code: string): Error {
  return Object.assign(new Error('Fault drill.'), { code })
}
