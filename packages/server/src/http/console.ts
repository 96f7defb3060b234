import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ROUTES } from '@activepieces/contract'
import compress from '@fastify/compress'
import files from '@fastify/static'
import type { App } from './app.ts'
import { sendNotFound } from './errors.ts'
import { logoRoutes } from './logos.ts'

/** Scripts and pictures of this server alone; the component kit sets styles by attribute. Vendors' logos may be elsewhere. */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: https:",
  "media-src 'self' data: blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The admin console: its files, its one page for every path that it shows, and the vendors' logos. Without a built console `/` leads to the
 * API reference.
 *
 * @param folder what the build of the console has made
 */
export function consoleRoutes(app: App, folder: string): void {
  logoRoutes(app)
  const config = { access: 'public' } as const
  const schema = { hide: true } as const
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { config, schema }, async (_request, reply) => reply.redirect(ROUTES.docs))
    return
  }
  app.register(async (scope) => {
    await scope.register(compress, { encodings: ['br', 'gzip'] })
    await scope.register(files, { root: folder, serve: false })
    // A file of the build has its content in its name and never changes.
    scope.get('/assets/*', { config, schema }, async ({ url }, reply) =>
      reply.sendFile(url.split('?')[0]?.slice(1) ?? '', { maxAge: '365d', immutable: true }),
    )
    scope.get('/icon.svg', { config, schema }, async (_request, reply) => reply.sendFile('icon.svg'))
    scope.get('/*', { config, schema }, async (request, reply) => {
      if (/^\/(api|assets|logos)\//.test(request.url)) return sendNotFound(request, reply)
      return reply
        .header('content-security-policy', POLICY)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'no-referrer')
        .sendFile('index.html', { maxAge: 0, cacheControl: false })
    })
  })
}
