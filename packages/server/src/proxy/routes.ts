import { ROUTES } from '@activepieces/contract'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Connections } from '../connections/connections.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import { vendorHeaders } from './headers.ts'
import { type CallMeter, guarded, type MeteredCall, type ProxyMeter } from './meter.ts'
import { vendorPath } from './path.ts'
import type { Pools } from './pools.ts'
import { relay, sendOwnError } from './relay.ts'
import type { RequestBody } from './request-body.ts'
import type { ProxyTarget } from './target.ts'

/** What the proxy is made of. */
export type ProxyParts = {
  readonly connections: Connections
  readonly pools: Pools
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
  const { connections, pools, meter } = parts
  // SAFETY: the schema of the route.
  const { connection } = request.params as { connection: string }
  const target = await connections.resolve(connection)
  if (!target) throw notConfigured(connection)
  const path = vendorPath(target, rawTail(request.raw.url ?? ''))
  const headers = vendorHeaders(request.raw.rawHeaders, target)
  reply.hijack()
  await relay({
    pool: pools.get(target.origin),
    path,
    headers,
    request: request.raw,
    response: reply.raw,
    meter: meter && ((body) => watch(meter, meteredCall(request, target, path, body), request.log)),
    onOver: (outcome) => request.log.info({ connection, ...outcome }, 'proxied'),
  }).catch((error: unknown) => {
    if (error instanceof ApiError) return sendOwnError(reply.raw, error)
    request.log.error({ err: error }, 'proxied call failed')
    sendOwnError(reply.raw, new ApiError(502, 'vendor-unreachable', 'The call could not be passed on to the vendor.'))
  })
}

async function watch(meter: ProxyMeter, call: MeteredCall, log: FastifyBaseLogger): Promise<CallMeter | undefined> {
  const started = await meter.start(call)
  return started && guarded(started, (error) => log.error({ err: error }, 'the meter of a call failed'))
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
