import { ROUTES } from '@activepieces/contract'
import type { FastifyInstance } from 'fastify'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'
import type { Metrics } from '../proxy/metrics.ts'
import type { ProxyHandler } from '../proxy/proxy.ts'

/** Forwards everything under `/ai-providers/proxy/<connection>/` to the vendor with the stored credential. */
export function proxyRoutes(app: App, proxy: ProxyHandler, metrics: Pick<Metrics, 'refused'>): void {
  app.register(async (scope: FastifyInstance) => {
    scope.addHook('onError', (_request, _reply, error, done) => {
      metrics.refused(error instanceof ApiError ? error.code : 'internal-error')
      done()
    })
    scope.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: `${ROUTES.proxy}/:connection/*`,
      config: { access: 'engine' },
      schema: {
        tags: ['Proxy'],
        summary: "Call the vendor's API",
        description: "The rest of the path, the query, the body and the response are the vendor's.",
      },
      // No child logger per call: log lines contain the request id.
      childLoggerFactory: (logger) => logger,
      // Runs before Fastify reads the body, which goes to the vendor as it is. Later hooks and the handler do not run.
      onRequest: (request, reply, done) => proxy(request, reply, done),
      handler: () => {},
    })
  })
}
