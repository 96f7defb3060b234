import { ROUTES } from '@activepieces/contract'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Config } from '../config.ts'
import type { Connections } from '../connections/connections.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import { vendorHeaders } from './headers.ts'
import type { InFlight } from './in-flight.ts'
import { guarded, type MeteredCall, type ProxyMeter } from './meter.ts'
import { vendorPath } from './path.ts'
import type { Pools } from './pools.ts'
import { relay } from './relay.ts'
import type { RequestBody } from './request-body.ts'
import type { ProxyTarget } from './target.ts'

/** What the proxy is made of. */
export type ProxyParts = {
  readonly connections: Connections
  readonly pools: Pools
  readonly inFlight: InFlight
  readonly settings: Pick<Config, 'timeouts' | 'limits'>
  /** Absent: nothing watches the calls. */
  readonly meter?: ProxyMeter | undefined
}

/** Everything under `/ai-providers/proxy/<connection>/` goes to the vendor with the stored credential. */
export function proxyRoutes(app: App, parts: ProxyParts): void {
  app.register(async (scope: FastifyInstance) => {
    // The body is never parsed here: it stays in the raw request.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: `${ROUTES.proxy}/:connection/*`,
      config: { access: 'engine' },
      schema: {
        tags: ['Proxy'],
        summary: "Call the vendor's API",
        description: 'The rest of the path, the query, the body and the reply are those of the vendor.',
        params: z.object({ connection: z.string(), '*': z.string() }),
      },
      handler: (request, reply) => handle(request, reply, parts),
    })
  })
}

async function handle(request: FastifyRequest, reply: FastifyReply, parts: ProxyParts): Promise<void> {
  const { connections, pools, inFlight, settings, meter } = parts
  // SAFETY: the schema of the route.
  const { connection } = request.params as { connection: string }
  const target = await connections.resolve(connection)
  if (!target) throw notConfigured(connection)
  const path = vendorPath(target, rawTail(request.raw.url ?? ''))
  const headers = vendorHeaders(request.raw.rawHeaders, target)
  const { id } = target.connection
  inFlight.enter(id)
  reply.hijack()
  relay({
    pool: pools.get(target.origin),
    path,
    headers,
    request: request.raw,
    response: reply.raw,
    bodyLimit: settings.limits.bodyBytes,
    totalTimeout: settings.timeouts.total,
    meter: meter && ((body) => watch(meter, meteredCall(request, target, path, body), request.log)),
    onOver: (outcome) => {
      inFlight.leave(id)
      request.log.info({ connection, ...outcome }, 'proxied')
    },
  })
}

function watch(meter: ProxyMeter, call: MeteredCall, log: FastifyBaseLogger): ReturnType<ProxyMeter['start']> {
  const onError = (error: unknown) => log.error({ err: error }, 'the meter of a call failed')
  const started = meter.start(call)
  if (started instanceof Promise) return started.then((one) => one && guarded(one, onError))
  return started && guarded(started, onError)
}

function meteredCall(request: FastifyRequest, target: ProxyTarget, path: string, body: RequestBody): MeteredCall {
  if (request.caller.kind !== 'engine') throw new Error('The route is for engine tokens alone.')
  return {
    claims: request.caller,
    target,
    method: request.method,
    path,
    headers: request.headers,
    body: body.first,
    bodyIsWhole: body.first === body.send,
  }
}

/** What follows the connection in the URL as it came: the router's own parameters are decoded already. */
function rawTail(url: string): string {
  const prefix = `${ROUTES.proxy}/`
  const slash = url.startsWith(prefix) ? url.indexOf('/', prefix.length) : -1
  if (slash < 0)
    throw new ApiError(400, 'bad-path', 'The path of the proxy must be written without encoded characters.')
  return url.slice(slash)
}

function notConfigured(connection: string): ApiError {
  const words = `No AI provider connection "${connection}" is configured. An admin connects it in the console.`
  return new ApiError(404, 'connection-not-found', words)
}
