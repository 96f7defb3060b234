import { createHash } from 'node:crypto'
import { ROUTES } from '@activepieces/contract'
import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { App } from '../platform/http/app.ts'

/** Serves the OpenAPI document, generated from the schemas of routes that are registered later, and a page to read it. */
export async function docsRoutes(app: App, publicUrl: string | undefined): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'AI provider server',
        description:
          'Stores the keys of AI vendors. Pieces call the vendors through it with a short-lived engine token.',
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
    scope.addHook('onSend', async (_request, reply, payload) => {
      if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('text/html')) return
      reply.header('content-security-policy', contentSecurityPolicy(payload)).header('referrer-policy', 'no-referrer')
    })
    await scope.register(scalar, {
      routePrefix: ROUTES.docs,
      // Loads nothing from other hosts, such as fonts.
      configuration: { withDefaultFonts: false, telemetry: false, hideClientButton: true },
    })
  })
}

/** Allows the page's scripts, including the inline script that starts it. */
function contentSecurityPolicy(page: string): string {
  const scripts = [...page.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script)
  const inline = scripts.filter((script) => script !== '').map((script) => `'sha256-${sha256(script)}'`)
  return [
    "default-src 'self'",
    ["script-src 'self'", ...inline].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
