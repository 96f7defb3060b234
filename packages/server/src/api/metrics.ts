import { ROUTES } from '@activepieces/contract'
import type { App } from '../platform/http/app.ts'
import type { Metrics } from '../proxy/metrics.ts'

export function metricsRoutes(app: App, metrics: Metrics): void {
  app.get(
    ROUTES.metrics,
    {
      config: { access: 'admin-or-metrics' },
      schema: {
        tags: ['Health'],
        summary: 'Get metrics for Prometheus',
        description: 'Requires the admin key, or the token of AP_METRICS_TOKEN, which gives access to nothing else.',
      },
    },
    async (_request, reply) => reply.header('content-type', metrics.contentType).send(await metrics.text()),
  )
}
