import { ROUTES } from '@activepieces/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Connections } from '../connections/connections.ts'
import type { App } from '../http/app.ts'
import { ApiError } from '../http/errors.ts'
import { vendorHeaders } from './headers.ts'
import { vendorPath } from './path.ts'
import type { Pools } from './pools.ts'
import { relay, sendOwnError } from './relay.ts'

/** Everything under `/ai-providers/proxy/<connection>/` goes to the vendor with the stored credential. */
export function proxyRoutes(app: App, connections: Connections, pools: Pools): void {
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
      handler: (request, reply) => handle(request, reply, connections, pools),
    })
  })
}

async function handle(
  request: FastifyRequest,
  reply: FastifyReply,
  connections: Connections,
  pools: Pools,
): Promise<void> {
  // SAFETY: the schema of the route.
  const { connection } = request.params as { connection: string }
  const target = await connections.resolve(connection)
  if (!target) throw notConfigured(connection)
  const path = vendorPath(target, rawTail(request.raw.url ?? ''))
  const headers = vendorHeaders(request.raw.rawHeaders, target)
  const started = performance.now()
  reply.hijack()
  await relay({
    pool: pools.get(target.origin),
    path,
    headers,
    request: request.raw,
    response: reply.raw,
    onOver: (outcome) => {
      request.log.info({ connection, ...outcome, ms: Math.round(performance.now() - started) }, 'proxied')
    },
  }).catch((error: unknown) => {
    request.log.error({ err: error }, 'proxied call failed')
    sendOwnError(reply.raw, new ApiError(502, 'vendor-unreachable', 'The call could not be passed on to the vendor.'))
  })
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
