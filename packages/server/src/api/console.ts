import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type CatalogueEntry, ROUTES } from '@activepieces/contract'
import compress from '@fastify/compress'
import files from '@fastify/static'
import type { App } from '../platform/http/app.ts'
import { sendNotFound } from '../platform/http/send-error.ts'
import { logoRoutes } from './logos.ts'

type WithLogo = Pick<CatalogueEntry, 'logoUrl'>

/**
 * Allows scripts and images from this server only, so that a completion can't make the console load a URL. Logos of providers
 * may be on other hosts. The component kit needs inline styles.
 */
function contentSecurityPolicy(providers: readonly WithLogo[]): string {
  return [
    "default-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    ["img-src 'self' data:", ...logoOrigins(providers)].join(' '),
    "media-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function logoOrigins(providers: readonly WithLogo[]): string[] {
  const urls = providers.map(({ logoUrl }) => logoUrl).filter((url) => /^https?:/.test(url) && URL.canParse(url))
  return [...new Set(urls.map((url) => new URL(url).origin))]
}

/**
 * Serves the admin console: its files, its page for every other path, and the logos of the providers. If the console is not
 * built, `/` redirects to the API reference.
 *
 * @param folder folder of the built console
 * @param providers providers whose logos the console may load
 */
export function consoleRoutes(app: App, folder: string, providers: readonly WithLogo[]): void {
  logoRoutes(app)
  const policy = contentSecurityPolicy(providers)
  const config = { access: 'public' } as const
  const schema = { hide: true } as const
  if (!existsSync(join(folder, 'index.html'))) {
    app.get('/', { config, schema }, async (_request, reply) => reply.redirect(ROUTES.docs))
    return
  }
  app.register(async (scope) => {
    await scope.register(compress, { encodings: ['br', 'gzip'] })
    await scope.register(files, { root: folder, serve: false })
    // The name of a built file contains its hash, so the file never changes.
    scope.get('/assets/*', { config, schema }, async (request, reply) => {
      const [path = ''] = request.url.split('?')
      if (!/^\/assets\/[\w-][\w.-]*$/.test(path)) return sendNotFound(request, reply)
      return reply.sendFile(path.slice(1), { maxAge: '365d', immutable: true })
    })
    scope.get('/icon.svg', { config, schema }, async (_request, reply) => reply.sendFile('icon.svg'))
    scope.get('/*', { config, schema }, async (request, reply) => {
      if (/^\/(api|assets|logos)\//.test(request.url)) return sendNotFound(request, reply)
      return reply
        .header('content-security-policy', policy)
        .header('referrer-policy', 'no-referrer')
        .sendFile('index.html', { maxAge: 0, cacheControl: false })
    })
  })
}
