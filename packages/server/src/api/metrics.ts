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
        summary: 'Figures for Prometheus',
        description: 'For the admin key, and for the token of AP_METRICS_TOKEN, which opens nothing else.',
      },
    },
    async (_request, reply) => reply.header('content-type', metrics.contentType).send(await metrics.text()),
  )
}
