import { DRILL_HEADER, type Drill, ROUTES } from '@activepieces/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Dispatcher, Pool } from 'undici'
import type { EngineClaims } from '../auth/claims.ts'
import type { Connections } from '../domain/connections/connections.ts'
import type { RelayOutcome } from '../domain/connections/relay-outcome.ts'
import type { ProxyTarget } from '../domain/connections/target.ts'
import type { ObserverFor, RequestObserver } from '../domain/pieces/run-observers.ts'
import type { Config, ProxyTimeouts } from '../platform/config.ts'
import { ApiError } from '../platform/errors.ts'
import { createDroppedHeadersLog, type LogDroppedHeaders } from './dropped-headers.ts'
import { vendorHeaders } from './headers.ts'
import type { InFlight } from './in-flight.ts'
import { guarded, type ProxyMeter } from './meter.ts'
import type { Metrics } from './metrics.ts'
import { vendorPath } from './path.ts'
import type { Pools } from './pools.ts'
import { relay } from './relay.ts'
import type { RequestBody } from './request-body.ts'
import { MAX_BODY_FOR_MODEL, restrictModels, restrictTarget } from './restrictions/restrictions.ts'
import { sentRequest } from './sent-request.ts'

/** Wraps a pool so that its calls fail as the fault injection says. */
export type InjectFault = (pool: Pool, fault: Drill, timeouts: ProxyTimeouts) => Pick<Dispatcher, 'dispatch'>

export type ProxyParts = {
  readonly connections: Pick<Connections, 'resolve'>
  readonly pools: Pools
  readonly inFlight: InFlight
  readonly settings: Pick<Config, 'timeouts' | 'limits'>
  readonly metrics: Pick<Metrics, 'over'>
  /** Calls are not metered without it. */
  readonly meter?: ProxyMeter | undefined
  readonly injectFault: InjectFault
  readonly observerFor: ObserverFor
}

/** Handles one proxied call. Passes errors that occur before the relay to `fail`. */
export type ProxyHandler = (request: FastifyRequest, reply: FastifyReply, fail: (error: Error) => void) => void

/** Uses no promise for a cached connection: most calls are sent in the turn in which they arrive. */
export function createProxy(parts: ProxyParts): ProxyHandler {
  const withLog: Parts = { ...parts, logDropped: createDroppedHeadersLog() }
  return (request, reply, fail) => {
    // SAFETY: the URL of the route has this parameter.
    const { connection } = request.params as { connection: string }
    const go = (target: ProxyTarget | undefined) => {
      try {
        if (!target) throw notConfigured(connection)
        proxyCall(toCall(request, connection, target), reply, withLog)
      } catch (error) {
        // SAFETY: only errors are thrown here.
        fail(error as Error)
      }
    }
    const target = parts.connections.resolve(connection)
    if (target instanceof Promise) target.then(go, fail)
    else go(target)
  }
}

type Parts = ProxyParts & { readonly logDropped: LogDroppedHeaders }

/** A call on its way to the vendor. */
type Call = {
  /** The connection as the caller names it. */
  readonly address: string
  readonly request: FastifyRequest
  readonly claims: EngineClaims
  readonly target: ProxyTarget
  /** The path below the connection with its query, as received. */
  readonly tail: string
  /** The path that the vendor gets: base path, path and query. */
  readonly path: string
  /** The headers that the vendor gets, as a flat list. */
  readonly headers: string[]
  /** Names of the caller's headers that were dropped. */
  readonly dropped: readonly string[]
  readonly fault: Drill | undefined
}

function toCall(request: FastifyRequest, address: string, target: ProxyTarget): Call {
  const tail = rawTail(request.raw.url ?? '')
  const path = vendorPath(target, tail)
  const { headers, dropped } = vendorHeaders(request.raw.rawHeaders, target)
  const [claims, fault] = [claimsOf(request), activeFault(target)]
  return { address, request, claims, target, tail, path, headers, dropped, fault }
}

/**
 * The path of a call through the proxy. The token restricts it: its connection and path here, its models once the body has
 * arrived. Then the meter checks limits, observers see the request, and the relay sends it.
 */
function proxyCall(call: Call, reply: FastifyReply, parts: Parts): void {
  const { request, claims, target, path, headers } = call
  const { limits, timeouts } = parts.settings
  restrictTarget(claims, target.connection, call.tail)
  const observer = parts.observerFor(claims)
  observer?.onTarget(target)
  logDropped(call, parts, 'request', call.dropped)
  parts.inFlight.enter(target.connection.id)
  reply.hijack()
  relay({
    id: request.id,
    pool: poolOf(call, reply, parts),
    path,
    headers,
    request: request.raw,
    response: reply.raw,
    responseHeaders: {
      hasCredential: target.redactor.hasCredential,
      onDropped: (name) => logDropped(call, parts, 'response', [name]),
    },
    readWhole: claims.models && MAX_BODY_FOR_MODEL,
    bodyLimit: limits.bodyBytes,
    totalTimeout: timeouts.total,
    onBody: (body) => {
      restrictBody(call, body)
      const metering = startMeter(call, body, parts.meter)
      if (observer) observe(call, body, observer, metering)
      return metering
    },
    onOver: (outcome) => finish(call, outcome, parts),
  })
}

/** Step 1, restrict: enforces the models of the token, which the body can name. @throws ApiError 403 */
function restrictBody({ request, claims, tail }: Call, { first: body }: RequestBody): void {
  if (!claims.models) return
  const { method, headers, raw } = request
  restrictModels(claims.models, { method, tail, rawHeaders: raw.rawHeaders, headers, body })
}

type Metering = ReturnType<ProxyMeter['start']>

/** Step 2, meter: enforces rate limit and budget. Connection tests are not metered. @throws ApiError 402, 429 */
function startMeter(
  { request, claims, target, path }: Call,
  body: RequestBody,
  meter: ProxyMeter | undefined,
): Metering {
  if (!meter || target.isTest) return undefined
  const { id, method, headers, log } = request
  const bodyIsWhole = body.first === body.send
  const started = meter.start({ id, claims, target, method, path, headers, body: body.first, bodyIsWhole })
  const onError = (error: unknown) => log.error({ err: error }, 'a call could not be metered')
  if (started instanceof Promise) return started.then((one) => one && guarded(one, onError))
  return started && guarded(started, onError)
}

/** Step 3, observe: shows the request to the observer of its piece run, once it is admitted. Ignores failures. */
function observe(call: Call, body: RequestBody, observer: RequestObserver, metering: Metering): void {
  const { request, fault } = call
  const sent = sentRequest({ ...call, id: request.id, request: request.raw, body, fault: fault?.fault })
  Promise.all([sent, metering]).then(
    ([shown]) => shown && observer.onRequest(shown),
    () => {},
  )
}

/** The pool of the target. During a fault injection its calls fail, and the response is marked. */
function poolOf({ target, fault }: Call, { raw }: FastifyReply, { pools, injectFault, settings }: Parts) {
  const pool = pools.get(target.origin)
  if (!fault) return pool
  raw.setHeader(DRILL_HEADER, fault.fault)
  return injectFault(pool, fault, settings.timeouts)
}

function finish(
  { address, request, target, dropped }: Call,
  outcome: RelayOutcome,
  { inFlight, metrics }: Parts,
): void {
  const { id, provider } = target.connection
  inFlight.leave(id)
  metrics.over(provider, outcome)
  target.onOver?.(outcome)
  // Successful calls are logged at debug level only: under load, the log would cost more than the call.
  const level = outcome.end === 'failed' || outcome.end === 'upstream-aborted' ? 'info' : 'debug'
  const droppedHeaders = dropped.length > 0 ? { droppedHeaders: dropped } : undefined
  request.log[level]({ reqId: request.id, connection: address, ...outcome, ...droppedHeaders }, 'proxied')
}

function logDropped(
  { address, request }: Call,
  parts: Parts,
  direction: 'request' | 'response',
  names: readonly string[],
): void {
  if (names.length === 0) return
  parts.logDropped(request.log, { connection: address, direction, names })
}

function activeFault({ injectedFault }: ProxyTarget): Drill | undefined {
  return injectedFault && Date.parse(injectedFault.ends) > Date.now() ? injectedFault : undefined
}

function claimsOf({ caller }: FastifyRequest): EngineClaims {
  if (caller.kind !== 'engine') throw new Error('The route requires an engine token.')
  return caller
}

/** The URL after the connection, as received. The router's parameters are already decoded. */
function rawTail(url: string): string {
  const prefix = `${ROUTES.proxy}/`
  const slash = url.startsWith(prefix) ? url.indexOf('/', prefix.length) : -1
  if (slash < 0) throw new ApiError('bad-path', 'The path of the proxy must be written without encoded characters.')
  return url.slice(slash)
}

function notConfigured(connection: string): ApiError {
  return new ApiError('connection-not-found', `No AI provider connection "${connection}" is configured.`)
}
