import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROUTES } from '@activepieces/contract'
import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

/** Returns the folder of the library's reference, which `npm run reference` builds. */
export type FindLibraryDocs = () => Promise<string>

const LIBRARY_DOCS = fileURLToPath(new URL('../../../../tools/reference/dist', import.meta.url))

/**
 * Serves the OpenAPI document, generated from the schemas of routes that are registered later, a page to read it, and the
 * reference of the library.
 */
export async function docsRoutes(
  app: App,
  publicUrl: string | undefined,
  findLibraryDocs: FindLibraryDocs = async () => LIBRARY_DOCS,
): Promise<void> {
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
    libraryDocsRoutes(scope, findLibraryDocs)
    await scope.register(scalar, {
      routePrefix: ROUTES.docs,
      // Loads nothing from other hosts, such as fonts.
      configuration: { withDefaultFonts: false, telemetry: false, hideClientButton: true },
    })
  })
}

function libraryDocsRoutes(app: FastifyInstance, findFolder: FindLibraryDocs): void {
  const schema = { hide: true }
  app.get(ROUTES.libraryDocs, { schema }, async (_request, reply) => reply.redirect(`${ROUTES.libraryDocs}/`))
  app.get<{ Params: { '*': string } }>(`${ROUTES.libraryDocs}/*`, { schema }, async (request, reply) => {
    const file = request.params['*'] || 'index.html'
    const [, extension = ''] = /^(?:[\w-]+\/)?[\w.-]+\.(\w+)$/.exec(file) ?? []
    const type = CONTENT_TYPES[extension]
    const content = type && (await readFile(join(await findFolder(), file), 'utf8').catch(() => undefined))
    if (content) return reply.type(type).send(content)
    throw new ApiError('not-found', `There is no page ${file}. \`npm run reference\` builds the library's reference.`)
  })
}

const CONTENT_TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
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
