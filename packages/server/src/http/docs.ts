import { ROUTES } from '@activepieces/contract'
import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { App } from './app.ts'

/** The OpenAPI document, made from the schemas of the routes that come after it, and the page to read it. */
export async function docsRoutes(app: App, publicUrl: string | undefined): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'AI provider server',
        description:
          'Holds the keys of AI vendors; pieces call the vendors through it with a short-lived engine token.',
        version: '1',
      },
      ...(publicUrl ? { servers: [{ url: publicUrl }] } : {}),
      components: {
        securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'Admin key or engine token' } },
      },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
  })
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
    })
    await scope.register(scalar, {
      routePrefix: ROUTES.docs,
      // Nothing from other hosts: fonts and telemetry would be.
      configuration: { withDefaultFonts: false, telemetry: false, hideClientButton: true },
    })
  })
}
