import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { ROUTES } from '@activepieces/contract'
import { z } from 'zod'
import { ApiError } from '../platform/errors.ts'
import type { App } from '../platform/http/app.ts'

/** Next to the library's source, one logo per vendor. */
const FOLDER = new URL('../logos/', import.meta.resolve('@activepieces/pieces-common'))

/** Serves the logos of the registry, so that no page loads them from other hosts. */
export function logoRoutes(app: App): void {
  app.get(
    ROUTES.logo,
    {
      config: { access: 'public' },
      schema: {
        tags: ['AI providers'],
        summary: "A vendor's logo",
        params: z.strictObject({ file: z.string().regex(/^[a-z0-9-]+\.svg$/, 'expected the name of an SVG file') }),
      },
    },
    async ({ params: { file } }, reply) => {
      const logo = await readFile(fileURLToPath(new URL(file, FOLDER))).catch(() => undefined)
      if (!logo) throw new ApiError('not-found', `There is no logo ${file}.`, { param: 'file' })
      return reply
        .header('content-type', 'image/svg+xml')
        .header('cache-control', 'public, max-age=86400')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'") // for a logo that is opened directly
        .send(logo)
    },
  )
}
