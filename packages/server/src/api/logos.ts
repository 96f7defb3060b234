import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ROUTES } from '@activepieces/contract'
import { z } from 'zod'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

/** Beside the library's source: a logo a vendor. */
const FOLDER = new URL('../logos/', import.meta.resolve('@activepieces/pieces-common'))

/** The vendors' logos that are shipped with the registry, so that no page loads them from elsewhere. */
export function logoRoutes(app: App): void {
  app.get(
    ROUTES.logo,
    {
      config: { access: 'public' },
      schema: {
        tags: ['AI providers'],
        summary: "A vendor's logo",
        params: z.strictObject({ file: z.string().regex(/^[a-z0-9-]+\.svg$/, 'allowed is the name of an SVG file') }),
      },
    },
    async ({ params: { file } }, reply) => {
      const logo = await readFile(fileURLToPath(new URL(file, FOLDER))).catch(() => undefined)
      if (!logo) throw new ApiError('not-found', `There is no logo ${file}.`, { param: 'file' })
      return reply
        .header('content-type', 'image/svg+xml')
        .header('cache-control', 'public, max-age=86400')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'") // it is opened by itself too
        .send(logo)
    },
  )
}
