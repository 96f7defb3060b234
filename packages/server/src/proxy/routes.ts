import { DRILL_HEADER, type Drill, ROUTES } from '@activepieces/contract'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Dispatcher, Pool } from 'undici'
import type { EngineClaims } from '../auth/claims.ts'
import type { Connections } from '../domain/connections/connections.ts'
import type { ProxyTarget } from '../domain/connections/target.ts'
import type { createRunObservers, RequestObserver } from '../domain/pieces/run-observers.ts'
import type { Config, ProxyTimeouts } from '../platform/config.ts'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'
import { createDroppedHeadersLog, type DroppedHeaders } from './dropped-headers.ts'
import { vendorHeaders } from './headers.ts'
import type { InFlight } from './in-flight.ts'
import { guarded, type MeteredCall, type ProxyMeter } from './meter.ts'
import type { Metrics } from './metrics.ts'
import { vendorPath } from './path.ts'
import type { Pools } from './pools.ts'
import { relay } from './relay.ts'
import type { RequestBody } from './request-body.ts'
import { checkModels, checkPlace, MAX_BODY_FOR_MODEL, type RestrictedCall } from './restrictions/restrictions.ts'
import { sentRequest } from './sent-request.ts'

/** Wraps a pool so that its calls fail as the drill says. */
export type InjectFault = (pool: Pool, drill: Drill, timeouts: ProxyTimeouts) => Pick<Dispatcher, 'dispatch'>

/** What the proxy is made of. */
export type ProxyParts = {
  readonly connections: Connections
  readonly pools: Pools
  readonly inFlight: InFlight
  readonly settings: Pick<Config, 'timeouts' | 'limits'>
  readonly metrics: Pick<Metrics, 'over' | 'refused'>
  /** Absent: nothing watches the calls. */
  readonly meter?: ProxyMeter | undefined
  readonly injectFault: InjectFault
  /** Who wants to be shown what a run sends. */
  readonly observerFor: ReturnType<typeof createRunObservers>['observerFor']
}

/** Everything under `/ai-providers/proxy/<connection>/` goes to the vendor with the stored credential. */
export function proxyRoutes(app: App, parts: ProxyParts): void {
  const handlerParts: HandlerParts = { ...parts, logDropped: createDroppedHeadersLog() }
  app.register(async (scope: FastifyInstance) => {
    scope.addHook('onError', (_request, _reply, error, done) => {
      parts.metrics.refused(error instanceof ApiError ? error.code : 'internal-error')
      done()
    })
    scope.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: `${ROUTES.proxy}/:connection/*`,
      config: { access: 'engine' },
      schema: {
        tags: ['Proxy'],
        summary: "Call the vendor's API",
        description: 'The rest of the path, the query, the body and the reply are those of the vendor.',
      },
      // Not a line of its own for each call; what is logged names the request itself.
      childLoggerFactory: (logger) => logger,
      // Before Fastify looks at the body and its type: they are the vendor's affair. Nothing comes after.
      onRequest: (request, reply, done) => handle(request, reply, handlerParts, done),
      handler: () => {},
    })
  })
}

type HandlerParts = ProxyParts & { readonly logDropped: DroppedHeaders }

/** Without a promise for a connection that is known: most calls go out within the turn in which they came. */
function handle(request: FastifyRequest, reply: FastifyReply, parts: HandlerParts, fail: (error: Error) => void): void {
  const go = (target: ProxyTarget | undefined) => {
    try {
      passOn(request, reply, parts, target)
    } catch (error) {
      // SAFETY: what is thrown here is an ApiError, or an error of the code.
      fail(error as Error)
    }
  }
  // SAFETY: the URL of the route.
  const { connection } = request.params as { connection: string }
  const target = parts.connections.resolve(connection)
  if (target instanceof Promise) target.then(go, fail)
  else go(target)
}

function passOn(
  request: FastifyRequest,
  reply: FastifyReply,
  { pools, inFlight, settings, meter, metrics, injectFault, observerFor, logDropped }: HandlerParts,
  target: ProxyTarget | undefined,
): void {
  // SAFETY: the URL of the route.
  const { connection } = request.params as { connection: string }
  if (!target) throw notConfigured(connection)
  const tail = rawTail(request.raw.url ?? '')
  const path = vendorPath(target, tail)
  const claims = claimsOf(request)
  checkPlace(claims, target.connection, tail)
  const { headers, dropped } = vendorHeaders(request.raw.rawHeaders, target)
  if (dropped.length > 0) logDropped(request.log, { connection, direction: 'request', names: dropped })
  const { id } = target.connection
  const drill = running(target.drill)
  const see = observerFor(claims)
  see?.onTarget(target)
  const failing = (pool: Pool, running: Drill) => {
    reply.raw.setHeader(DRILL_HEADER, running.fault)
    return injectFault(pool, running, settings.timeouts)
  }
  inFlight.enter(id)
  reply.hijack()
  relay({
    pool: drill ? failing(pools.get(target.origin), drill) : pools.get(target.origin),
    path,
    headers,
    request: request.raw,
    response: reply.raw,
    responseHeaders: {
      hasCredential: target.redactor.hasCredential,
      onDropped: (name) => logDropped(request.log, { connection, direction: 'response', names: [name] }),
    },
    id: request.id,
    readWhole: claims.models && MAX_BODY_FOR_MODEL,
    bodyLimit: settings.limits.bodyBytes,
    totalTimeout: settings.timeouts.total,
    meter:
      (meter || claims.models || see) &&
      ((body) => {
        if (claims.models) checkModels(claims.models, restrictedCall(request, tail, body))
        const shown =
          see &&
          sentRequest({
            id: request.id,
            request: request.raw,
            target,
            path,
            headers,
            dropped,
            body,
            drill: drill?.fault,
          })
        const started =
          meter && !target.trial ? watch(meter, meteredCall(request, target, path, body), request.log) : undefined
        if (see && shown) show(see, shown, started)
        return started
      }),
    onOver: (outcome) => {
      inFlight.leave(id)
      metrics.over(target.connection.provider, outcome)
      target.onOver?.(outcome)
      // At rest no line a call: under load the log would cost more than the call.
      const level = outcome.end === 'failed' || outcome.end === 'cut' ? 'info' : 'debug'
      const headersDropped = dropped.length > 0 ? { droppedHeaders: dropped } : undefined
      request.log[level]({ reqId: request.id, connection, ...outcome, ...headersDropped }, 'proxied')
    },
  })
}

/** Shows a call that the meter has let through. What goes wrong with it is no reason to hold up the call. */
function show(
  see: RequestObserver,
  shown: ReturnType<typeof sentRequest>,
  started: ReturnType<ProxyMeter['start']>,
): void {
  Promise.all([shown, started]).then(
    ([request]) => request && see.onRequest(request),
    () => {},
  )
}

function running(drill: Drill | undefined): Drill | undefined {
  return drill && Date.parse(drill.ends) > Date.now() ? drill : undefined
}

function watch(meter: ProxyMeter, call: MeteredCall, log: FastifyBaseLogger): ReturnType<ProxyMeter['start']> {
  const onError = (error: unknown) => log.error({ err: error }, 'the meter of a call failed')
  const started = meter.start(call)
  if (started instanceof Promise) return started.then((one) => one && guarded(one, onError))
  return started && guarded(started, onError)
}

function restrictedCall(
  { method, headers, raw }: FastifyRequest,
  tail: string,
  { first }: RequestBody,
): RestrictedCall {
  return { method, tail, rawHeaders: raw.rawHeaders, headers, body: first }
}

function meteredCall(request: FastifyRequest, target: ProxyTarget, path: string, body: RequestBody): MeteredCall {
  return {
    id: request.id,
    claims: claimsOf(request),
    target,
    method: request.method,
    path,
    headers: request.headers,
    body: body.first,
    bodyIsWhole: body.first === body.send,
  }
}

function claimsOf({ caller }: FastifyRequest): EngineClaims {
  if (caller.kind !== 'engine') throw new Error('The route is for engine tokens alone.')
  return caller
}

/** What follows the connection in the URL as it came: the router's own parameters are decoded already. */
function rawTail(url: string): string {
  const prefix = `${ROUTES.proxy}/`
  const slash = url.startsWith(prefix) ? url.indexOf('/', prefix.length) : -1
  if (slash < 0) throw new ApiError('bad-path', 'The path of the proxy must be written without encoded characters.')
  return url.slice(slash)
}

function notConfigured(connection: string): ApiError {
  return new ApiError('connection-not-found', `No AI provider connection "${connection}" is configured.`)
}
