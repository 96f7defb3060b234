import type { Drill } from '@activepieces/contract'
import type { Dispatcher } from 'undici'
import type { ProxyTimeouts } from '../config.ts'

type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController
type Pool = Pick<Dispatcher, 'dispatch'>

/** A pool whose vendor has this fault. What comes after it, errors and limits, is as with a real one. */
export function faultyPool(pool: Pool, { fault, delayMs }: Drill, timeouts: ProxyTimeouts): Pool {
  switch (fault) {
    case '429':
      return answering((handler) => refuse(handler, 429, 'rate_limit_error', 'rate_limit_exceeded'))
    case '503':
      return answering((handler) => refuse(handler, 503, 'api_error', 'unavailable'))
    case 'reset':
      return answering((handler) => handler.onResponseError?.(NO_CONTROLLER, failure('ECONNRESET')))
    case 'slow-first-token':
      return late(pool, delayMs, timeouts.firstByte)
    case 'cut':
    case 'stall':
    case 'malformed':
      return {
        dispatch: (options, handler) => pool.dispatch(plain(options), damaging(handler, DAMAGES[fault], timeouts.idle)),
      }
  }
}

function answering(answer: (handler: Handler) => void): Pool {
  return {
    dispatch: (_options, handler) => {
      setImmediate(answer, handler)
      return true
    },
  }
}

/** The vendors' SDKs read both shapes in it. */
function refuse(handler: Handler, status: number, type: string, code: string): void {
  const message = `Fault drill: an admin lets the calls of this connection fail with ${status}.`
  const body = Buffer.from(JSON.stringify({ type: 'error', error: { type, code, message, param: null } }))
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), 'retry-after', '1']
  const controller = { ...NO_CONTROLLER, rawHeaders: headers.map((item) => Buffer.from(item)) }
  handler.onRequestStart?.(controller, {})
  handler.onResponseStart?.(controller, status, {}, '')
  handler.onResponseData?.(controller, body)
  handler.onResponseEnd?.(controller, {})
}

/** Stands where no request was made that could be held up or ended. */
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

function late(pool: Pool, delay: number, limit: number): Pool {
  return {
    dispatch: (options, handler) => {
      const tooLate = () => handler.onResponseError?.(NO_CONTROLLER, failure('UND_ERR_HEADERS_TIMEOUT'))
      if (delay > limit) setTimeout(tooLate, limit)
      else setTimeout(() => pool.dispatch(options, handler), delay)
      return true
    },
  }
}

type Damage = { piece: (first: Buffer) => Buffer; next: 'cut' | 'stall' | 'go on' }

const half = (piece: Buffer) => piece.subarray(0, Math.ceil(piece.length / 2))

const DAMAGES = {
  cut: { piece: half, next: 'cut' },
  stall: { piece: half, next: 'stall' },
  malformed: { piece: spoil, next: 'go on' },
} as const satisfies Record<string, Damage>

/** Of the same length, so that the reply's head stays right. */
function spoil(piece: Buffer): Buffer {
  const spoilt = Buffer.from(piece)
  const at = spoilt.lastIndexOf('}')
  if (at >= 0) spoilt[at] = '{'.charCodeAt(0)
  else spoilt.fill(0xff, 0, 8)
  return spoilt
}

/** Passes everything on, but damages the first piece of the reply's body. */
function damaging(handler: Handler, damage: Damage, idle: number): Handler {
  let isFirst = true
  const breakOff = (controller: Controller, code: string) => {
    controller.abort(failure(code))
    // The vendor may be done already: then nothing is left to abort.
    handler.onResponseError?.(controller, failure(code))
  }
  return {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData(controller, piece) {
      if (!isFirst && damage.next === 'go on') handler.onResponseData?.(controller, piece)
      if (!isFirst) return
      isFirst = false
      handler.onResponseData?.(controller, damage.piece(piece))
      if (damage.next === 'cut') breakOff(controller, 'ECONNRESET')
      if (damage.next === 'stall') setTimeout(breakOff, idle, controller, 'UND_ERR_BODY_TIMEOUT')
    },
    onResponseEnd(controller, trailers) {
      if (isFirst || damage.next === 'go on') handler.onResponseEnd?.(controller, trailers)
    },
    onResponseError: (controller, error) => handler.onResponseError?.(controller, error),
  }
}

/** Without compression: a damaged piece of a compressed reply would be another fault. */
function plain(options: Dispatcher.DispatchOptions): Dispatcher.DispatchOptions {
  if (!Array.isArray(options.headers)) return options
  const all: string[] = options.headers
  const headers = all.filter((_, at) => all[at - (at % 2)]?.toLowerCase() !== 'accept-encoding')
  return { ...options, headers }
}

function failure(code: string): Error {
  return Object.assign(new Error('Fault drill.'), { code })
}
